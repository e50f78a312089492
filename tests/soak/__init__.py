"""Random work for as long as one has time for: `python -m tests.soak --minutes 20 --seed 0`.

An activity is a function of a pipeline, a `random.Random` and an empty folder; it does one step,
some seconds at most, and returns how much it tried. It raises if anything is wrong. A step depends
on the seed, the activity's name and the step's number alone, so that it can be done again by
itself. Only memory is watched over all steps.
"""

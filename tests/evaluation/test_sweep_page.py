"""The page on the runs of a sweep."""

from spacy_bilstm_crf.evaluation.sweep_page import (
    TrainedRun,
    read_run,
    render_sweep,
    run_rows,
    score_name,
)
from spacy_bilstm_crf.training.sweep import PlannedRun

LOG = '{"step": 5, "score": %s, "scores": {}, "losses": {}}'


def test_runs_are_shown_best_first_and_what_they_share_once(tmp_path):
    runs = []
    for seed, score in ((0, 0.25), (1, 0.5)):
        overrides = {"system.seed": seed, "training.dropout": 0.3}
        planned = PlannedRun(f"<seed={seed}>", overrides, tmp_path)
        planned.history.write_text(LOG % score)
        runs.append(read_run(planned, {"minutes": 1.0}))
    assert runs[1] == TrainedRun("<seed=1>", overrides, 50.0, 1.0, [(5, 50.0)])
    assert run_rows(runs) == [("<seed=1>", "50.00", "1.0"), ("<seed=0>", "25.00", "1.0")]
    page = render_sweep("small.cfg", "cats_score", runs)
    assert "small.cfg: 2 runs" in page and "training.dropout = 0.3" in page
    assert "best cats_score on dev" in page
    assert "system.seed =" not in page and "<seed" not in page
    assert page.index("&lt;seed=1&gt;") < page.index("&lt;seed=0&gt;")


def test_the_score_is_what_the_weights_say():
    weights = {"ents_f": 1.0, "ents_p": None, "ents_r": 0.0}
    assert score_name({"training": {"score_weights": weights}}) == "ents_f"
    weights = {"ents_f": 0.5, "cats_score": 0.5}
    assert score_name({"training": {"score_weights": weights}}) == "0.5 ents_f + 0.5 cats_score"
    assert score_name({"training": {}}) == "score"

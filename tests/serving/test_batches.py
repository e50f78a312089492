"""The queue: what is tagged together, what is refused, and that nothing accepted is lost."""

import asyncio
import threading

import pytest

pytest.importorskip("prometheus_client", reason="needs the extra serve")
pytest.importorskip("pydantic")

from spacy_bilstm_crf.serving.batches import Batches
from spacy_bilstm_crf.serving.limits import Limits, Refused
from spacy_bilstm_crf.serving.metrics import Metrics
from spacy_bilstm_crf.serving.schema import Wanted


class Echo:
    """Answers with the texts, once it may."""

    def __init__(self):
        self.batches = []
        self.may = threading.Event()
        self.may.set()
        self.closed = False

    def answer(self, jobs):
        self.batches.append([job.text for job in jobs])
        self.may.wait()
        if jobs[0].text == "bad":
            raise MemoryError
        return [{"text": job.text} for job in jobs]

    def close(self):
        self.closed = True


def run(scenario, **limits):
    """Run a scenario, given a queue and what answers."""

    async def whole():
        echo = Echo()
        batches = Batches(lambda: echo, Limits(**limits), Metrics())
        assert not batches.ready
        await batches.start()
        await scenario(batches, echo)
        await batches.close()
        assert echo.closed and not batches.ready

    asyncio.run(whole())


def ask(batches, *texts):
    return asyncio.create_task(batches.answer(texts, Wanted()))


def test_texts_of_several_requests_are_tagged_together():
    async def scenario(batches, echo):
        tasks = [ask(batches, f"{i}", f"{i}b") for i in range(3)]
        answers = await asyncio.gather(*tasks)
        assert answers == [[{"text": f"{i}"}, {"text": f"{i}b"}] for i in range(3)]
        assert echo.batches == [["0", "0b", "1", "1b"], ["2", "2b"]]

    run(scenario, batch_texts=4)


def test_batches_are_of_so_many_characters():
    async def scenario(batches, echo):
        await ask(batches, "aaa", "aaaaaaaa", "aa", "aa")
        assert echo.batches == [["aaa"], ["aaaaaaaa"], ["aa", "aa"]]

    run(scenario, batch_characters=5)


def test_a_full_queue():
    async def scenario(batches, echo):
        echo.may.clear()
        first = ask(batches, "a" * 50)  # more than the queue may hold, but no one waits
        await asyncio.sleep(0.1)
        second = ask(batches, "b" * 8)
        await asyncio.sleep(0)
        with pytest.raises(Refused) as refused:
            await batches.answer(["ccc"], Wanted())
        assert refused.value.status == 429 and refused.value.retry_after == 1
        echo.may.set()
        assert await first == [{"text": "a" * 50}] and await second == [{"text": "b" * 8}]
        assert await ask(batches, "ccc") == [{"text": "ccc"}]

    run(scenario, queue=10)


def test_texts_count_as_well_as_their_characters():
    async def scenario(batches, echo):
        echo.may.clear()
        first = ask(batches, "a")
        await asyncio.sleep(0.1)
        second = ask(batches, *[""] * 3)
        await asyncio.sleep(0)
        with pytest.raises(Refused, match="Too many texts"):
            await batches.answer([""], Wanted())
        echo.may.set()
        assert len(await first) == 1 and len(await second) == 3

    run(scenario, queue_texts=3)


@pytest.mark.parametrize("leaves", [True, False])
def test_those_that_no_one_waits_for_leave_the_queue(leaves):
    async def scenario(batches, echo):
        echo.may.clear()
        first = ask(batches, "a")
        await asyncio.sleep(0.05)
        second = ask(batches, "b" * 10)
        await asyncio.sleep(0.05)
        if leaves:
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            first.cancel()
        else:
            for task in (first, second):
                with pytest.raises(Refused, match="no answer in 0.3 seconds"):
                    await task
        third = ask(batches, "c" * 10)  # there is room again
        await asyncio.sleep(0.05)
        echo.may.set()
        assert await third == [{"text": "c" * 10}]
        assert echo.batches == [["a"], ["c" * 10]]

    run(scenario, queue=10, seconds=0.3)


def test_what_takes_too_long_is_not_tagged_any_more():
    async def scenario(batches, echo):
        echo.may.clear()
        tasks = [ask(batches, "a")]
        await asyncio.sleep(0.1)
        tasks.append(ask(batches, "b"))
        for task in tasks:
            with pytest.raises(Refused) as refused:
                await task
            assert refused.value.status == 503
        echo.may.set()
        assert await ask(batches, "c") == [{"text": "c"}]
        assert echo.batches == [["a"], ["c"]]

    run(scenario, seconds=0.3)


def test_what_was_accepted_is_answered_at_the_end():
    async def scenario(batches, echo):
        echo.may.clear()
        tasks = [ask(batches, f"{i}") for i in range(10)]
        await asyncio.sleep(0.1)
        closing = asyncio.create_task(batches.close())
        await asyncio.sleep(0.1)
        with pytest.raises(Refused) as refused:
            await batches.answer(["late"], Wanted())
        assert refused.value.status == 503
        echo.may.set()
        assert await asyncio.gather(*tasks) == [[{"text": f"{i}"}] for i in range(10)]
        await closing
        assert echo.batches == [[f"{i}"] for i in range(10)]
        batches.close = lambda: asyncio.sleep(0)

    run(scenario, batch_texts=1)


def test_a_batch_that_fails_is_not_the_end():
    async def scenario(batches, echo):
        assert await ask(batches, "bad") == [None]
        assert await ask(batches, "good") == [{"text": "good"}]

    run(scenario)


@pytest.mark.parametrize("limits", [{"text": 0}, {"seconds": -1.0}, {"queue": 0}])
def test_limits_that_are_none(limits):
    with pytest.raises(ValueError, match=f"{next(iter(limits))} must be more than 0"):
        Limits(**limits)

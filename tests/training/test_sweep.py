"""What a sweep trains."""

from pathlib import Path

from spacy_bilstm_crf.training.sweep import plan_runs

CONFIG = Path(__file__).parents[2] / "configs" / "sample.cfg"


def test_values(tmp_path):
    settings = {
        "paths.train": '["x","y"],["z"]',
        "paths.dev": "true,null,-1,-1",
        "paths.vectors": "v/x,v-x",
        "training.dropout": 0.5,
    }
    runs = plan_runs(CONFIG, tmp_path, settings)
    a, b, c = ([run.overrides[name] for run in runs] for name in list(settings)[:3])
    assert a[::6] == [["x", "y"], ["z"]]
    assert b[:6:2] == [True, None, -1]
    assert c[:2] == ["v/x", "v-x"]
    assert len({run.folder for run in runs}) == len(runs) == 12
    assert runs[0].name == "train=['x', 'y'], dev=True, vectors=v/x"


def test_a_run_that_is_there_keeps_its_folder(tmp_path):
    (one,) = plan_runs(CONFIG, tmp_path, {"system.seed": 1})
    assert one.name == "run" and one.folder.parent == tmp_path
    one.folder.mkdir()
    runs = plan_runs(CONFIG, tmp_path, {"system.seed": "0,1"})
    assert [run.name for run in runs] == ["seed=0", "seed=1"]
    assert runs[1].folder == one.folder != runs[0].folder

"""Shared fixtures: a trained pipeline on disk, and texts of which it knows the entities."""

import json

import pytest

TEXTS = {"one": "Anna Smith lives in Paris .", "sub/two": "Nobody saw Jordan"}
FOUND = {"one": {("PER", 0, 10), ("LOC", 20, 25)}, "sub/two": {("PER", 11, 17)}}


@pytest.fixture
def model(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    return str(tmp_path / "model")


@pytest.fixture
def folder(tmp_path):
    for name, text in TEXTS.items():
        path = tmp_path / "texts" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "texts"


@pytest.fixture
def stream(tmp_path):
    path = tmp_path / "texts.jsonl"
    records = [{"text": text, "id": name} for name, text in TEXTS.items()]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path

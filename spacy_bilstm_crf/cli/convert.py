"""Column files to DocBin."""

from collections import Counter
from pathlib import Path

import spacy
import typer
from spacy.tokens import DocBin
from tqdm import tqdm
from wasabi import msg

from ..corpora.columns import Unit, read_columns


def convert_cli(
    input_dir: Path = typer.Argument(
        ..., help="Folder with train.txt, dev.txt and test.txt in columns"
    ),
    output_dir: Path = typer.Argument(
        ..., help="Folder to write train.spacy, dev.spacy and test.spacy to"
    ),
    unit: str = typer.Option(
        "auto", "--unit", "-u", help="One doc per 'sentence', per 'document', or 'auto'"
    ),
    lang: str = typer.Option("en", "--lang", "-l", help="Language code of the docs"),
) -> None:
    """Convert a corpus in column files, such as CoNLL-2003, to spaCy's binary format."""
    try:
        convert(input_dir, output_dir, unit=unit, lang=lang)  # type: ignore[arg-type]
    except (ValueError, FileNotFoundError) as error:
        msg.fail("The corpus can't be converted", str(error), exits=1)


def convert(input_dir: Path, output_dir: Path, *, unit: Unit = "auto", lang: str = "en") -> None:
    """Convert train.txt, dev.txt and test.txt of a folder; all of them or none.

    RAISES: FileNotFoundError if a file is missing, ColumnsError if one can't be read.
    """
    names = ("train", "dev", "test")
    missing = [f"{name}.txt" for name in names if not (input_dir / f"{name}.txt").is_file()]
    if missing:
        raise FileNotFoundError(
            f"{input_dir} has no {', '.join(missing)}. Put your copy of the corpus there, in "
            "columns with the word first and its tag last, or fetch CoNLL-2003 from the Hugging "
            "Face hub: pip install 'datasets<5' and then "
            f"python -m spacy bilstm-crf fetch conll2003 {input_dir}"
        )
    vocab = spacy.blank(lang).vocab
    converted = {}
    for name in names:
        docs = DocBin(store_user_data=False)
        labels: Counter[str] = Counter()
        read = read_columns(input_dir / f"{name}.txt", vocab, unit)
        for doc in tqdm(read, name, unit=" docs", disable=None):
            docs.add(doc)
            labels.update(ent.label_ for ent in doc.ents)
        converted[name] = docs, labels
    output_dir.mkdir(parents=True, exist_ok=True)
    for name, (docs, labels) in converted.items():
        # Written aside first, so that an interrupted write leaves no half file.
        unfinished = output_dir / f"{name}.spacy.unfinished"
        docs.to_disk(unfinished)
        unfinished.replace(output_dir / f"{name}.spacy")
        counts = ", ".join(f"{label} {count}" for label, count in sorted(labels.items()))
        entities = f"{labels.total()} entities ({counts})" if labels else "no entities"
        msg.good(f"{output_dir / name}.spacy: {len(docs)} docs, {entities}")

"""The built-in sample in other scripts, for the tournament: the same texts, letter by letter.

    python -m benchmarks.accuracy.scripts FOLDER

FOLDER/greek is in columns, FOLDER/devanagari in doccano's JSON lines, and FOLDER/han in Prodigy's,
without blanks between words and with one character for a syllable or so: no language, but text of
which only the context and the characters tell what is a name.
"""

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import typer
from wasabi import msg

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText
from spacy_bilstm_crf.corpora.formats import WRITABLE
from spacy_bilstm_crf.corpora.sample import Sentence, make_sample

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_GREEK = str.maketrans(
    _LATIN + _LATIN.upper(), "αβχδεφγηιξκλμνοπθρστυωψζφζ" + "ΑΒΧΔΕΦΓΗΙΞΚΛΜΝΟΠΘΡΣΤΥΩΨΖΦΖ"
)
_DEVANAGARI = str.maketrans(_LATIN, "अबचदएफगहइजकलमनओपखरसतउवयषणझ")


def main(folder: Path = typer.Argument(..., help="Folder to write to")) -> None:
    """Write the sample in three scripts."""
    scripts: dict[str, tuple[Callable[[str], str], str, str, str]] = {
        "greek": (lambda word: word.translate(_GREEK), " ", "columns", "txt"),
        "devanagari": (lambda word: word.lower().translate(_DEVANAGARI), " ", "doccano", "jsonl"),
        "han": (_han, "", "prodigy", "jsonl"),
    }
    for script, (change, blank, format, suffix) in scripts.items():
        (folder / script).mkdir(parents=True, exist_ok=True)
        for split, documents in make_sample().items():
            path = folder / script / f"{split}.{suffix}"
            with path.open("w", encoding="utf-8", newline="") as file:
                texts = (_text(document, change, blank) for document in documents)
                WRITABLE[format].write(texts, file)
        msg.good(f"{folder / script}, {format}")


def _text(document: list[Sentence], change: Callable[[str], str], blank: str) -> AnnotatedText:
    text = ""
    tokens, sentences = [], []
    spans: list[AnnotatedSpan] = []
    for words, tags in document:
        sentences.append(len(text))
        for word, tag in zip(words, tags):
            start = len(text)
            text += change(word)
            tokens.append((start, len(text)))
            if tag.startswith("B-"):
                spans.append(AnnotatedSpan(start, len(text), tag[2:]))
            elif tag.startswith("I-"):
                spans[-1] = spans[-1]._replace(end=len(text))
            text += blank
    text = text.removesuffix(" ")
    if not blank:
        return AnnotatedText(text, spans)
    return AnnotatedText(text, spans, tokens=tokens, sentences=sentences, has_spaces=False)


def _han(word: str) -> str:
    """One character for each two or three letters; numbers and marks stay, full-width."""
    return "".join(_pieces(word))


def _pieces(word: str) -> Iterator[str]:
    if not word.isalpha():
        yield word.replace(".", "。").replace(",", "，")
        return
    for i in range(0, len(word), 3):
        yield chr(0x4E00 + zlib.crc32(word[i : i + 3].lower().encode()) % 3000)


if __name__ == "__main__":
    typer.run(main)

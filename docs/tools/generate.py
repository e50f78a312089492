"""Write what docs/config.md and docs/commands.md say of the code: every registered function with
its arguments, and every command with its options. And write configs/.

python -m docs.tools.generate [--check]
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path
from typing import Any

import spacy
import typer
from thinc.api import Config
from wasabi import msg

from docs.tools.configs import CONFIGS, config_text
from docs.tools.docstrings import outcome, parse
from spacy_bilstm_crf.cli import cli

ROOT = Path(__file__).parents[2]
START, END = "<!-- GENERATED: python -m docs.tools.generate -->\n", "<!-- END GENERATED -->\n"
# The groups of entry points in setup.cfg, as headings, in the order of the page.
GROUPS = {
    "spacy_factories": "Components",
    "spacy_architectures": "Architectures",
    "spacy_readers": "Reader",
    "spacy_tokenizers": "Tokenizer",
    "thinc_optimizers": "Optimizer",
    "thinc_schedules": "Learning rates",
    "spacy_callbacks": "Callbacks",
    "spacy_loggers": "Loggers",
    "spacy_scorers": "Scorer",
}
# What spaCy gives to a factory, and no config does.
GIVEN = ("nlp", "name")


def registered() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Group, name and function of each entry point for configs."""
    parser = ConfigParser()
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read(ROOT / "setup.cfg")
    groups = parser["options.entry_points"]
    missing = set(groups) - set(GROUPS) - {"spacy_cli"}
    if missing:
        raise ValueError(f"docs/tools/generate.py has no heading for {sorted(missing)}.")
    for group in GROUPS:
        for line in groups[group].strip().splitlines():
            name, target = (part.strip() for part in line.split("="))
            module, function = target.split(":")
            yield group, name, getattr(import_module(module), function)


def config_page() -> str:
    """Every registered function: what it is, its arguments, their defaults."""
    parts: list[str] = []
    heading = ""
    for group, name, function in registered():
        if GROUPS[group] != heading:
            heading = GROUPS[group]
            parts.append(f"## {heading}")
        parts.append(f"### {name.removeprefix('spacy_bilstm_crf.')}")
        if group == "spacy_factories":
            defaults = default_config(name)
            parts += [*explain(name, function, defaults), "```ini\n" + written(defaults) + "```"]
        else:
            kind = {"thinc_optimizers": "optimizers", "thinc_schedules": "schedules"}
            registry = kind.get(group, group.removeprefix("spacy_"))
            parts += [f'`@{registry} = "{name}"`', *explain(name, function)]
    return "\n\n".join(parts) + "\n\n"


def default_config(factory: str) -> Config:
    """The section that `nlp.add_pipe(factory)` gives."""
    nlp = spacy.blank("en")
    nlp.add_pipe(factory)
    return Config({"components": {factory: nlp.config["components"][factory]}})


def written(config: Config) -> str:
    """A config as it stands in a file."""
    text = config.to_str().removeprefix("[components]\n\n")
    return text.strip() + "\n"


def explain(
    name: str, function: Callable[..., Any], defaults: Config | None = None
) -> Iterator[str]:
    """The docstring, with the defaults of the arguments: those of a factory are in its config.

    RAISES: ValueError if an argument is not explained.
    """
    signature = {
        key: parameter.default
        for key, parameter in inspect.signature(function).parameters.items()
        if key not in GIVEN
    }
    docstring = re.sub(r"\bNone\b", "`null`", inspect.getdoc(function) or "")
    prose, arguments, outcomes = parse(docstring, signature)
    arguments = [(own, _linked(text)) for own, text in arguments]
    explained = [argument for own, _ in arguments for argument in own]
    if sorted(explained) != sorted(signature):
        raise ValueError(
            f"The docstring of {name} should explain {sorted(signature)}, each once, and has "
            f"{sorted(explained)}."
        )
    if defaults:
        signature |= defaults["components"][name]
    yield prose
    if arguments:
        yield "\n".join(
            f"- {', '.join(_argument(argument, signature[argument]) for argument in own)}: {text}"
            for own, text in arguments
        )
    if outcomes:
        yield "  \n".join(outcome(key, text) for key, text in outcomes)


def _linked(text: str) -> str:
    """A text that leads to the registered functions that it names."""
    return re.sub(
        r"spacy_bilstm_crf\.(\w+)\.(v\d+)",
        lambda m: f"[`{m[1]}.{m[2]}`](#{m[1].lower()}{m[2]})",
        text,
    )


def _argument(name: str, default: Any) -> str:
    if default is inspect.Parameter.empty:
        return f"**`{name}`**"
    if isinstance(default, dict):  # a section of its own
        return f"**`[{name}]`**"
    return f"**`{name}`** = `{json.dumps(default)}`"


def commands_page() -> str:
    """Every command: its help, arguments and options."""
    group: Any = typer.main.get_command(cli)
    parts = []
    for name, command in group.commands.items():
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option"]
        usage = [_metavar(p) if p.required else f"[{_metavar(p)}]" for p in arguments]
        usage += [f"{p.opts[0]} {_value(p)}" for p in options if p.required]
        extra = " [SETTINGS]" if command.context_settings.get("ignore_unknown_options") else ""
        parts += [
            f"### {name}",
            f"```text\npython -m spacy bilstm-crf {name} {' '.join(usage)}{extra} [OPTIONS]\n```",
            _guarded(inspect.cleandoc(command.help)),
            "\n".join([*map(_argument_line, arguments), *map(_option_line, options)]),
        ]
    return "\n\n".join(parts) + "\n\n"


def _guarded(text: str) -> str:
    """Help as Markdown: options as code, which would else read as dashes."""
    return re.sub(r"(?<![`\w-])(--?[a-z][\w.-]*(?: \d[\d.,]*\d)?)", r"`\1`", text)


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper()) + ("..." if parameter.nargs < 0 else "")


def _value(parameter: Any) -> str:
    if parameter.is_flag:
        return ""
    annotation = parameter.type_descriptor.annotation
    choices = [str(choice.value) for choice in getattr(annotation, "__members__", {}).values()]
    return "|".join(choices) or _metavar(parameter)


def _argument_line(parameter: Any) -> str:
    return f"- **`{_metavar(parameter)}`**: {_sentence(parameter)}"


def _option_line(parameter: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    value = _value(parameter)
    shown = f"**{names}**" + (f" `{value}`" if value else "")
    default = parameter.default
    if parameter.required or default is None or default is False:
        return f"- {shown}: {_sentence(parameter)}"
    return f"- {shown}: {_sentence(parameter)} Default: `{getattr(default, 'value', default)}`."


def _sentence(parameter: Any) -> str:
    return _guarded(parameter.help).rstrip(".") + "."


PAGES: dict[str, Callable[[], str]] = {
    "docs/config.md": config_page,
    "docs/commands.md": commands_page,
}


def generated_pages() -> Iterator[tuple[Path, str, str]]:
    """Each page, its text, and its text as it should be."""
    for name, make in PAGES.items():
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        before, start, rest = text.partition(START)
        _, end, after = rest.partition(END)
        if not (start and end):
            raise ValueError(f"{name} must have the markers {START.strip()} and {END.strip()}.")
        yield path, text, before + start + "\n" + make() + end + after
    for name in CONFIGS:
        path = ROOT / "configs" / f"{name}.cfg"
        yield path, path.read_text(encoding="utf-8") if path.exists() else "", config_text(name)


def main(
    check: bool = typer.Option(False, help="Only tell whether the pages are up to date"),
) -> None:
    """Write the generated part of each page."""
    for path, text, new in generated_pages():
        if check and new != text:
            msg.fail(f"{path.name} is not what the code says: run this without --check", exits=1)
        path.write_text(new, encoding="utf-8")
        msg.good(f"{path.name} is up to date")


if __name__ == "__main__":
    typer.run(main)

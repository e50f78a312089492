"""For mkdocstrings: the docstrings of this project as Markdown lists, since Griffe has no parser
for their style."""

from typing import Any

import griffe

from docs.tools.docstrings import outcome, parse


class HouseDocstrings(griffe.Extension):
    """Rewrites each docstring of a package when it is loaded."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Turn the lines on arguments into a list."""
        if obj.docstring is None or obj.is_attribute:
            return
        function: Any = obj.members.get("__init__") if obj.is_class else obj
        names = [parameter.name for parameter in getattr(function, "parameters", ())]
        prose, arguments, outcomes = parse(obj.docstring.value, names)
        lines = [f"- {', '.join(f'`{name}`' for name in own)}: {text}" for own, text in arguments]
        lines += [f"- {outcome(name, text)}" for name, text in outcomes]
        obj.docstring.value = "\n".join([prose, "", *lines])

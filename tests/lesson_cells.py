"""Parts of a lesson for tests that run them: the cells that one name depends on."""

import ast
import json
import re

# A cell that shows an explorer, and not one that asks for what was guessed with it.
EXPLORED = re.compile(r"^(?:\w+ = )?\w*explorers\.(?!guessed\b)\w+\(", re.M)


def code_cells(path):
    """Return a lesson's code cells as (source, printed text)."""
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    return [("".join(cell["source"]), "".join("".join(output.get("text", "")) for output in cell["outputs"])) for cell in cells]


def needed_for(path, name):
    """Return the sources of a lesson's cells that `name` depends on, in order."""
    kept, wanted = [], {name}
    for source in [source for source, _ in code_cells(path)][::-1]:
        nodes = list(ast.walk(ast.parse(source)))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        made = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        made |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        made |= {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
        if made & wanted:
            kept.insert(0, source)
            inside = {node.arg for node in nodes if isinstance(node, ast.arg)}
            wanted = (wanted | {node.id for node in names if isinstance(node.ctx, ast.Load)} - inside) - made
    return kept

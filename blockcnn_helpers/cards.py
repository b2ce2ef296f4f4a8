"""The evaluation card: one page that says what was measured, how, and where it stops being true."""

import json

from blockcnn_helpers.evaluation import report
from blockcnn_helpers.files import new_file
from blockcnn_helpers.tables import spread_table


def card(rows, name, images, limits, chosen="BSDS500 validation photos"):
    """Return an evaluation card as (Markdown, JSON): the same facts to read and to compute with.

    Parameters
    ----------
    rows : list of dict
        From `evaluation.evaluate`, JPEG among the methods.
    name : str
        What was evaluated.
    images : str
        Which images, and that none of them was trained on.
    limits : sequence of str
        Where it doesn't help, each with its number.
    chosen : str
        What checkpoints and parameters were chosen on: never the images themselves.

    Returns
    -------
    text, data : str
    """
    if not limits:
        raise ValueError("a card without limits is an advertisement: name at least one case where the method fails")
    facts = json.loads(report(rows)) | {"name": name, "images": images, "limits": list(limits), "chosen on": chosen}
    versions = ", ".join(f"{package} {version}" for package, version in facts["versions"].items())
    lines = [
        f"# Evaluation card: {name}",
        "",
        f"**Images.** {images}",
        "",
        f"**Chosen on.** {chosen}.",
        "",
        f"**Protocol.** {facts['protocol']}",
    ]
    lines += ["", "**Gain in PSNR over JPEG, dB** (sd: standard deviation over images)", "", spread_table(rows), "", "**Limits**", ""]
    lines += [f"- {limit}" for limit in limits]
    lines += [
        "",
        f"**Weights.** SHA-256 {facts['weights']['sha256']}",
        "",
        f"**Code.** SHA-256 {facts['code']['sha256']}",
        "",
        f"**Versions.** {versions}",
    ]
    return "\n".join(lines) + "\n", json.dumps(facts, indent=1, allow_nan=False) + "\n"


def write_card(path, text, data):
    """Write a card beside its facts: `path` without an ending becomes ``path.md`` and ``path.json``; earlier ones are replaced.

    The folder is made if it is not there. Returns the two paths.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    paths = [path.with_name(f"{path.name}.{ending}") for ending in ("md", "json")]
    for target, content in zip(paths, (text, data)):
        with new_file(target, force=True) as file:
            file.write(content.encode())
    return paths

"""The evaluation card: one page that says what was measured, how, at what cost, and where it stops being true."""

import inspect
import json

from blockcnn_helpers.evaluation import report
from blockcnn_helpers.files import new_file
from blockcnn_helpers.filters import bilateral, total_variation
from blockcnn_helpers.methods import PROGRAM
from blockcnn_helpers.tables import seconds_per_megapixel, spread_table

CHOSEN = (
    "BlockCNN's learning rate, and the weight of total variation: BSDS500 validation photos. "
    "The bilateral filter's numbers were fixed beforehand, not tuned"
)


def card(rows, name, images, limits, command, chosen=CHOSEN, size="", qualities=None, measured=None):
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
    command : str
        What to type to measure the same again.
    chosen : str
        What checkpoints and parameters were chosen on: never the images themselves.
    size : str
        Weights and memory, for the line of costs.
    qualities : sequence of int, optional
        Those in the table; the JSON holds all.
    measured : dict, optional
        For stored rows: what `evaluation.results` returns. Machine, versions and hashes are then those that the rows were measured
        with, not those of this moment.

    Returns
    -------
    text, data : str
    """
    if not limits:
        raise ValueError("a card without limits is an advertisement: name at least one case where the method fails")
    facts = json.loads(report(rows, command=command)) | {"name": name, "images": images, "limits": list(limits), "chosen on": chosen}
    facts |= {"baselines": parameters(), "seconds per megapixel": seconds_per_megapixel(rows), "size": size}
    if measured:
        facts |= _stored(measured, rows, facts["weights"])
    machine = facts["machine"]
    where = f"{machine['processor']}, {machine['cores']} cores"
    where += f" shared by {machine['processes']} processes" if machine["processes"] > 1 else ""
    speeds = ", ".join(f"{method} {seconds:.2f}" for method, seconds in facts["seconds per megapixel"].items() if method != "JPEG")
    weights = ", ".join(f"{used['file']}, SHA-256 {used['sha256']}" for used in facts["weights"].values())
    versions = ", ".join(f"{package} {version}" for package, version in facts["versions"].items())
    lines = [
        f"# Evaluation card: {name}",
        f"**Images.** {images}",
        f"**Baselines.** JPEG (doing nothing), {', '.join(facts['baselines'])}.",
        f"**Chosen on.** {chosen}.",
        f"**Protocol.** {facts['protocol']}",
        "**Gain in PSNR over JPEG, dB** (sd: standard deviation over images, se: standard error of the mean)",
        spread_table(rows, qualities),
        "**Limits**",
        "\n".join(f"- {limit}" for limit in limits),
        f"**Cost.** Seconds per megapixel ({where}): {speeds}. {size}".strip(),
        f"**Repeat.** `{command}`",
        f"**Weights.** {weights or 'None'}",
        f"**Code.** SHA-256 {facts['code']['sha256']} of {len(facts['code']['modules'])} modules, version below",
        f"**Versions.** {versions}",
    ]
    return "\n\n".join(lines) + "\n", json.dumps(facts, indent=1, allow_nan=False) + "\n"


def _stored(measured, rows, used):
    """Return the provenance in stored results, of the methods in `rows` and the networks in `used` alone."""
    facts = {key: measured[key] for key in ("protocol", "machine", "code")}
    programs = set() if any(row["method"] == PROGRAM for row in rows) else {PROGRAM}
    facts["versions"] = {name: version for name, version in measured["versions"].items() if name not in programs}
    return facts | {"weights": {name: measured["weights"][name] for name in used}}


def parameters(filters=(bilateral, total_variation)):
    """Return the filters that take part with the numbers they were run with.

    Examples
    --------
    >>> parameters([bilateral])
    ['bilateral(radius=2, sigma_colour=40.0, sigma_space=2.0)']
    """
    given = {f.__name__: list(inspect.signature(f).parameters.values())[1:] for f in filters}
    return [f"{name}({', '.join(f'{one.name}={one.default}' for one in options)})" for name, options in given.items()]


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

"""Sphinx settings of the course's web pages; build_site.py assembles what they are made of. Nothing in a page comes from the network."""

import re

project = "BlockCNN course"
author = copyright = ""
language = "en"
extensions = ["myst_nb"]

# Stored outputs only. A slider without its kernel is an empty box, so its line of text is shown instead.
nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js = {}
nb_mime_priority_overrides = [("*", "application/vnd.jupyter.widget-view+json", None)]

# Math as in Jupyter, drawn by the browser itself; anchors as in JupyterLab: #A-heading
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "build_site.slug"
html_math_renderer = "mathml"

html_theme = "sphinx_book_theme"
html_title = project
html_copy_source = html_show_sourcelink = html_show_sphinx = html_show_copyright = False
html_use_index = False
html_theme_options = {
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "navbar_persistent": [],
    "use_download_button": False,
    "use_fullscreen_button": False,
}
html_static_path = ["course.css"]
html_css_files = ["course.css"]


def draw_math(translator, node):
    """Write a formula as MathML, which needs neither a script nor a font."""
    from docutils import nodes
    from docutils.utils.math import MathError
    from docutils.utils.math.latex2mathml import tex2mathml
    from sphinx.util import logging

    block = isinstance(node, nodes.math_block)
    text = re.sub(r"\{align\*?\}", "{aligned}", node.astext())
    try:
        formula = tex2mathml(text, as_block=block)
    except MathError as error:
        logging.getLogger(__name__).warning("no MathML for %s: %s", text, error, location=node)
        formula = f"<code>{translator.encode(text)}</code>"
    translator.body.append(f'<div class="math">{formula}</div>' if block else formula)
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", inline_renderers=(draw_math, None), block_renderers=(draw_math, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Checks of a learner's answers: each returns a line to show, a tick or a hint that names the mistake.

A check calls the answer (a function the learner wrote) on material of its own, compares with the course's result, and
recognises the mistakes people make. It never raises because of an answer, so a lesson runs on with its blanks unfilled.
"""

from blockcnn_helpers.checks_a1 import check_cosines, check_dead_zone, check_table, check_table_limits
from blockcnn_helpers.checks_a1_codec import check_codec, check_oblong
from blockcnn_helpers.checks_a1_order import check_long_runs, check_runs, check_zigzag
from blockcnn_helpers.checks_a2 import check_blocking, check_grid, check_set_psnr
from blockcnn_helpers.checks_a2_table import check_fair_table, check_settled
from blockcnn_helpers.checks_a3 import check_all_pairs, check_side, check_view
from blockcnn_helpers.checks_a3_leak import check_fingerprint, check_group_sides, check_nearest
from blockcnn_helpers.checks_a4 import check_reach, check_seams, check_window, check_window_back
from blockcnn_helpers.checks_a5 import check_build, check_clock, check_judges, check_restore, check_restore_sizes, check_train
from blockcnn_helpers.checks_beyond import check_clip, check_front, check_mirrors, check_realign, check_strength
from blockcnn_helpers.checks_clues import check_leak, check_match
from blockcnn_helpers.checks_evaluation import check_choice, check_luma_psnr, check_mean_gain, check_worse_share
from blockcnn_helpers.checks_jpeg import check_blocks, check_dct, check_levels, check_psnr, check_quantise
from blockcnn_helpers.checks_network import check_bottleneck, check_field, check_first_loss, check_fold, check_weights
from blockcnn_helpers.checks_patches import check_pairing, check_patch, check_residual, check_split
from blockcnn_helpers.checks_start import check_gain
from blockcnn_helpers.checks_surgery import check_calm, check_diagnosis, check_widest
from blockcnn_helpers.checks_training import check_break_even, check_checkpoint, check_rate, check_steps

__all__ = [
    "check_all_pairs",
    "check_blocking",
    "check_blocks",
    "check_bottleneck",
    "check_break_even",
    "check_build",
    "check_calm",
    "check_checkpoint",
    "check_choice",
    "check_clip",
    "check_clock",
    "check_codec",
    "check_cosines",
    "check_dct",
    "check_dead_zone",
    "check_diagnosis",
    "check_fair_table",
    "check_field",
    "check_fingerprint",
    "check_first_loss",
    "check_fold",
    "check_front",
    "check_gain",
    "check_grid",
    "check_group_sides",
    "check_judges",
    "check_leak",
    "check_levels",
    "check_long_runs",
    "check_luma_psnr",
    "check_match",
    "check_mean_gain",
    "check_mirrors",
    "check_nearest",
    "check_oblong",
    "check_pairing",
    "check_patch",
    "check_psnr",
    "check_quantise",
    "check_rate",
    "check_reach",
    "check_realign",
    "check_residual",
    "check_restore",
    "check_restore_sizes",
    "check_runs",
    "check_seams",
    "check_set_psnr",
    "check_settled",
    "check_side",
    "check_split",
    "check_steps",
    "check_strength",
    "check_table",
    "check_table_limits",
    "check_train",
    "check_view",
    "check_weights",
    "check_widest",
    "check_window",
    "check_window_back",
    "check_worse_share",
    "check_zigzag",
]

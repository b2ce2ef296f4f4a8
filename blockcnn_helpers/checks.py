"""Checks of a learner's answers: each returns a line to show, a tick or a hint that names the mistake.

A check calls the answer (a function the learner wrote) on material of its own, compares with the course's result, and
recognises the mistakes people make. It never raises because of an answer, so a lesson runs on with its blanks unfilled.
"""

from blockcnn_helpers.checks_beyond import check_clip, check_front, check_mirrors, check_realign, check_strength
from blockcnn_helpers.checks_clues import check_leak, check_match
from blockcnn_helpers.checks_evaluation import check_choice, check_luma_psnr, check_mean_gain, check_worse_share
from blockcnn_helpers.checks_jpeg import check_blocks, check_dct, check_levels, check_psnr, check_quantise
from blockcnn_helpers.checks_network import check_bottleneck, check_field, check_first_loss, check_fold, check_weights
from blockcnn_helpers.checks_patches import check_pairing, check_patch, check_residual, check_split
from blockcnn_helpers.checks_start import check_gain
from blockcnn_helpers.checks_training import check_break_even, check_checkpoint, check_rate, check_steps

__all__ = [
    "check_blocks",
    "check_bottleneck",
    "check_break_even",
    "check_checkpoint",
    "check_choice",
    "check_clip",
    "check_dct",
    "check_field",
    "check_first_loss",
    "check_fold",
    "check_front",
    "check_gain",
    "check_leak",
    "check_levels",
    "check_luma_psnr",
    "check_match",
    "check_mean_gain",
    "check_mirrors",
    "check_pairing",
    "check_patch",
    "check_psnr",
    "check_quantise",
    "check_rate",
    "check_realign",
    "check_residual",
    "check_split",
    "check_steps",
    "check_strength",
    "check_weights",
    "check_worse_share",
]

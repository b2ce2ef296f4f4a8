"""The teacher's tools: student versions, grading, feedback. Lessons need none of it, and only `hand_in` runs beside a student's code."""

from blockcnn_helpers.classroom.handin import hand_in

__all__ = ["hand_in"]

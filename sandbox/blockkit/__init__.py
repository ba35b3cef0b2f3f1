"""A strict Block Kit validator: what Slack would refuse, said with Slack's words and JSON pointers.

Pure: mappings in, problems out. Reference: https://docs.slack.dev/reference/block-kit
"""

from sandbox.blockkit.message import problems_in_message
from sandbox.blockkit.problem import Problem
from sandbox.blockkit.surface import Surface, problems_in_blocks
from sandbox.blockkit.view import problems_in_view

__all__ = ["Problem", "Surface", "problems_in_blocks", "problems_in_message", "problems_in_view"]

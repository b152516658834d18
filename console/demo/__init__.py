"""The main job end to end against the sandbox, in one command."""

from console.demo.run import DemoOptions, run_demo

__all__ = ["DemoOptions", "run_demo"]

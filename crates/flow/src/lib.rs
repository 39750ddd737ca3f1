//! States, steps, clocks and escalation as pure functions of definition, history and now.

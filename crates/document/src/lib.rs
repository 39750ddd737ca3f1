//! Official documents: text to outline, findings, units, deadlines, figures and cross-checks; report text with bound figures.

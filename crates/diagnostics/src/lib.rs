//! Diagnostics: code, severity, place and help, rendered for terminal and page in Chinese and English.

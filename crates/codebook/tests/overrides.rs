//! A county's own files laid over the shipped codebook.

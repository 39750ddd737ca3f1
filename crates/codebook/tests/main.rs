//! Tests of the codebook.

mod shipped;

//! What the generator makes: it fits the codebook, repeats, and rules find just what was planted.

#![cfg(test)]

mod further;
mod judged;
mod made;
mod precision;

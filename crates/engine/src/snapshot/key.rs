//! The keyed hash under which sensitive values stand in a snapshot: SipHash-2-4 (Aumasson and
//! Bernstein), 64 bits. Without the key nobody can try out numbers against it.

/// A secret of 16 bytes.
#[derive(Clone, Copy)]
pub struct HashKey([u64; 2]);

impl std::fmt::Debug for HashKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("HashKey(hidden)")
    }
}

impl HashKey {
    /// From 16 secret bytes.
    #[must_use]
    pub fn new(bytes: [u8; 16]) -> Self {
        let number = u128::from_le_bytes(bytes);
        let half = |number: u128| u64::try_from(number & u128::from(u64::MAX)).unwrap_or(0);
        Self([half(number), half(number >> 64)])
    }

    /// The keyed hash of bytes.
    ///
    /// # Example
    /// ```
    /// use taizhang_engine::snapshot::HashKey;
    /// let key = HashKey::new(std::array::from_fn(|place| place as u8));
    /// assert_eq!(key.hash(&[]).cast_unsigned(), 0x726f_db47_dd0e_0e31);
    /// ```
    #[must_use]
    pub fn hash(&self, bytes: &[u8]) -> i64 {
        let [first, second] = self.0;
        // The constants spell "somepseudorandomlygeneratedbytes" in the published algorithm.
        let mut state = [
            first ^ 0x736f_6d65_7073_6575,
            second ^ 0x646f_7261_6e64_6f6d,
            first ^ 0x6c79_6765_6e65_7261,
            second ^ 0x7465_6462_7974_6573,
        ];
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let word = chunk.iter().rev().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
            absorb(&mut state, word);
        }
        let rest = chunks.remainder().iter().rev();
        let last = rest.fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        absorb(&mut state, last | ((bytes.len() as u64 & 0xff) << 56));
        let [_, _, third, _] = &mut state;
        *third ^= 0xff;
        for _ in 0..4 {
            round(&mut state);
        }
        let [a, b, c, d] = state;
        (a ^ b ^ c ^ d).cast_signed()
    }
}

fn absorb(state: &mut [u64; 4], word: u64) {
    let [_, _, _, fourth] = state;
    *fourth ^= word;
    round(state);
    round(state);
    let [first, ..] = state;
    *first ^= word;
}

fn round(state: &mut [u64; 4]) {
    let [a, b, c, d] = state;
    *a = a.wrapping_add(*b);
    *b = b.rotate_left(13) ^ *a;
    *a = a.rotate_left(32);
    *c = c.wrapping_add(*d);
    *d = d.rotate_left(16) ^ *c;
    *a = a.wrapping_add(*d);
    *d = d.rotate_left(21) ^ *a;
    *c = c.wrapping_add(*b);
    *b = b.rotate_left(17) ^ *c;
    *c = c.rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_published_vectors() {
        // The first vectors of the reference implementation: key 00…0f, input 00, 00 01, …
        let key = HashKey::new(std::array::from_fn(|place| u8::try_from(place).unwrap()));
        let vectors = [
            (0, 0x726f_db47_dd0e_0e31_u64),
            (1, 0x74f8_39c5_93dc_67fd),
            (7, 0xab02_00f5_8b01_d137),
            (8, 0x93f5_f579_9a93_2462),
            (15, 0xa129_ca61_49be_45e5),
        ];
        for (length, expected) in vectors {
            let input: Vec<u8> = (0..length).collect();
            assert_eq!(key.hash(&input).cast_unsigned(), expected, "{length}");
        }
    }
}

//! The token of forms, in a new dress on every page, so that compression cannot leak it.

/// Two hexadecimal digits as a byte.
fn bytes(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
            _ => None,
        })
        .collect()
}

fn text(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A mask and the masked token. A token that is not hexadecimal stays as it is.
pub(crate) fn dressed(token: &str) -> String {
    let Some(plain) = bytes(token) else { return token.to_owned() };
    let mut mask = vec![0u8; plain.len()];
    if getrandom::fill(&mut mask).is_err() {
        return token.to_owned();
    }
    let masked: Vec<u8> = plain.iter().zip(&mask).map(|(plain, mask)| plain ^ mask).collect();
    format!("{}{}", text(&mask), text(&masked))
}

/// True if what came with a form is the token. Time does not depend on the place of a difference.
pub(crate) fn fits(token: &str, given: &str) -> bool {
    let (Some(plain), Some(given)) = (bytes(token), bytes(given)) else { return false };
    if plain.is_empty() || given.len() != plain.len() * 2 {
        return false;
    }
    let (mask, masked) = given.split_at(plain.len());
    let unlike =
        |all: u8, ((plain, mask), masked): ((&u8, &u8), &u8)| all | (plain ^ mask ^ masked);
    plain.iter().zip(mask).zip(masked).fold(0, unlike) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dressed_token_fits_and_changes_every_time() {
        let token = "00ff10ab";
        let (one, other) = (dressed(token), dressed(token));
        assert_ne!(one, other);
        assert!(fits(token, &one) && fits(token, &other));
        for wrong in ["", token, "00ff10ab00ff10ac", &dressed("00ff10aa"), "zz"] {
            assert!(!fits(token, wrong), "{wrong}");
        }
        assert!(!fits("", ""));
    }
}

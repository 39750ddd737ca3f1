//! Keys that are not in the database: sealing of sensitive fields, blind index, audit.

use crate::base64url;
use crate::error::StoreError;
use crate::hash::{hex, unhex};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of a key.
const KEY_LENGTH: usize = 32;

/// Bytes of a nonce of AES-GCM.
const NONCE_LENGTH: usize = 12;

/// Nonces drawn from the system at once.
const NONCES_AT_ONCE: usize = 256;

/// Bytes kept of a keyed hash; 128 bits rule out chance meetings in a county.
const HASH_LENGTH: usize = 16;

/// Name of the key file in its directory.
const FILE_NAME: &str = "ring.json";

/// The keys of one installation. Its `Debug` form shows no key.
#[derive(Clone)]
pub struct KeyRing {
    /// Sealing keys by number; old ones stay for old values.
    data: BTreeMap<u32, SealKey>,
    /// Nonces that no value was sealed with; clones of a ring take theirs from one store.
    nonces: Arc<Mutex<Vec<[u8; NONCE_LENGTH]>>>,
    /// Number of the key that seals new values.
    current: u32,
    index: MacKey,
    audit: MacKey,
}

/// A sealing key, and the cipher prepared with it.
#[derive(Clone)]
struct SealKey {
    bytes: [u8; KEY_LENGTH],
    cipher: Aes256Gcm,
}

impl SealKey {
    fn new(bytes: [u8; KEY_LENGTH]) -> Result<Self, StoreError> {
        let cipher = Aes256Gcm::new_from_slice(&bytes);
        let cipher = cipher.map_err(|_| StoreError::Keys("key length".to_owned()))?;
        Ok(Self { bytes, cipher })
    }
}

/// A key of keyed hashes, and the hash prepared with it, which saves half the work of each.
#[derive(Clone)]
struct MacKey {
    bytes: [u8; KEY_LENGTH],
    prepared: Hmac<Sha256>,
}

impl MacKey {
    fn new(bytes: [u8; KEY_LENGTH]) -> Result<Self, StoreError> {
        let prepared = <Hmac<Sha256> as KeyInit>::new_from_slice(&bytes)
            .map_err(|_| StoreError::Keys("key length".to_owned()))?;
        Ok(Self { bytes, prepared })
    }

    /// HMAC-SHA-256 over parts with their lengths, cut to [`HASH_LENGTH`] bytes, in hex.
    fn hash(&self, parts: &[&str]) -> String {
        let mut mac = self.prepared.clone();
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let bytes = mac.finalize().into_bytes();
        hex(bytes.get(..HASH_LENGTH).unwrap_or_default())
    }
}

/// The key file.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    format: u32,
    current: u32,
    data: BTreeMap<u32, String>,
    index: String,
    audit: String,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyRing({} sealing keys, hidden)", self.data.len())
    }
}

impl KeyRing {
    /// New random keys that live only as long as the value. For tests and throw-away stores.
    ///
    /// # Errors
    /// [`StoreError::Keys`] if the system has no random numbers.
    pub fn random() -> Result<Self, StoreError> {
        let data = BTreeMap::from([(1, SealKey::new(random_bytes()?)?)]);
        let index = MacKey::new(random_bytes()?)?;
        let audit = MacKey::new(random_bytes()?)?;
        Ok(Self { data, nonces: Arc::default(), current: 1, index, audit })
    }

    /// Reads the key file of a directory, or makes directory and file at the first start,
    /// readable by the owner alone.
    ///
    /// # Errors
    /// [`StoreError::Keys`] for an unreadable or widely readable file, [`StoreError::Io`].
    pub fn open_or_create(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(FILE_NAME);
        if path.exists() { Self::open(&path) } else { Self::create(directory, &path) }
    }

    fn open(path: &Path) -> Result<Self, StoreError> {
        check_mode(path)?;
        let file: KeyFile = serde_json::from_slice(&fs::read(path)?)
            .map_err(|_| StoreError::Keys("the key file cannot be read".to_owned()))?;
        if file.format != 1 {
            return Err(StoreError::Keys(format!("unknown key file format `{}`", file.format)));
        }
        let mut data = BTreeMap::new();
        for (number, text) in &file.data {
            data.insert(*number, SealKey::new(key(text)?)?);
        }
        if !data.contains_key(&file.current) {
            return Err(StoreError::Keys(format!("no sealing key `{}`", file.current)));
        }
        let index = MacKey::new(key(&file.index)?)?;
        let audit = MacKey::new(key(&file.audit)?)?;
        Ok(Self { data, nonces: Arc::default(), current: file.current, index, audit })
    }

    fn create(directory: &Path, path: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(directory)?;
        restrict(directory, 0o700)?;
        let ring = Self::random()?;
        ring.save(directory, path)?;
        Ok(ring)
    }

    /// Adds a sealing key and makes it the current one; values sealed before stay readable.
    ///
    /// # Errors
    /// [`StoreError::Keys`] without random numbers, [`StoreError::Io`] if the file cannot be
    /// replaced; then nothing has changed.
    pub fn rotate(&mut self, directory: &Path) -> Result<(), StoreError> {
        let mut next = self.clone();
        next.current = self.data.keys().max().copied().unwrap_or(0).saturating_add(1);
        next.data.insert(next.current, SealKey::new(random_bytes()?)?);
        next.save(directory, &directory.join(FILE_NAME))?;
        *self = next;
        Ok(())
    }

    fn save(&self, directory: &Path, path: &Path) -> Result<(), StoreError> {
        let file = KeyFile {
            format: 1,
            current: self.current,
            data: self.data.iter().map(|(number, key)| (*number, hex(&key.bytes))).collect(),
            index: hex(&self.index.bytes),
            audit: hex(&self.audit.bytes),
        };
        let text = serde_json::to_vec_pretty(&file)
            .map_err(|_| StoreError::Keys("the key file cannot be written".to_owned()))?;
        let temporary = directory.join(format!("{FILE_NAME}.new"));
        if temporary.exists() {
            fs::remove_file(&temporary)?;
        }
        let mut out = fs::File::create_new(&temporary)?;
        restrict(&temporary, 0o600)?;
        out.write_all(&text)?;
        out.sync_all()?;
        fs::rename(&temporary, path)?;
        fs::File::open(directory)?.sync_all()?;
        Ok(())
    }

    /// True for an envelope of the current key.
    pub(crate) fn is_current(&self, envelope: &str) -> bool {
        envelope.strip_prefix(&self.mark_of_current()).is_some()
    }

    /// What the envelopes of the current key begin with.
    pub(crate) fn mark_of_current(&self) -> String {
        format!("{}.", self.current)
    }

    /// Seals a text for one place; the envelope names its key: `1.<base64url>`.
    pub(crate) fn seal(&self, place: &SealPlace<'_>, clear: &str) -> Result<String, StoreError> {
        let nonce = self.nonce()?;
        let cipher = self.cipher(self.current)?;
        let aad = place.bytes();
        let sealed = cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: clear.as_bytes(), aad: &aad })
            .map_err(|_| StoreError::Keys("sealing failed".to_owned()))?;
        let bytes = [nonce.as_slice(), &sealed].concat();
        Ok(format!("{}.{}", self.current, base64url::encode(&bytes)))
    }

    /// Opens an envelope; fails for another place, another key or any changed bit.
    pub(crate) fn unseal(
        &self,
        place: &SealPlace<'_>,
        envelope: &str,
    ) -> Result<String, StoreError> {
        let refused = || StoreError::Damaged("a sealed value does not open".to_owned());
        let (number, text) = envelope.split_once('.').ok_or_else(refused)?;
        let cipher = self.cipher(number.parse().map_err(|_| refused())?)?;
        let bytes = base64url::decode(text).ok_or_else(refused)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LENGTH).ok_or_else(refused)?;
        let nonce: [u8; NONCE_LENGTH] = nonce.try_into().map_err(|_| refused())?;
        let aad = place.bytes();
        let clear = cipher
            .decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad: &aad })
            .map_err(|_| refused())?;
        String::from_utf8(clear).map_err(|_| refused())
    }

    /// Random bytes that are handed out once. They are drawn for many values together: each
    /// drawing asks the system.
    fn nonce(&self) -> Result<[u8; NONCE_LENGTH], StoreError> {
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if nonces.is_empty() {
            let bytes: [u8; NONCE_LENGTH * NONCES_AT_ONCE] = random_bytes()?;
            nonces.extend(bytes.as_chunks().0);
        }
        nonces.pop().ok_or_else(|| StoreError::Keys("no nonce".to_owned()))
    }

    fn cipher(&self, number: u32) -> Result<&Aes256Gcm, StoreError> {
        let key = self.data.get(&number).map(|key| &key.cipher);
        key.ok_or_else(|| StoreError::Keys(format!("no sealing key `{number}`")))
    }

    /// Keyed hash of a normalised value, for exact search in one field.
    pub(crate) fn blind_index(&self, ledger: &str, field: &str, text: &str) -> String {
        self.index.hash(&[ledger, field, &taizhang_values::fold_number(text)])
    }

    /// Keyed commitment to parts of an audit line that lie together, each with its length before
    /// it (eight bytes, the highest first).
    pub(crate) fn commitment_to(&self, parts: &[u8]) -> String {
        let mut mac = self.audit.prepared.clone();
        mac.update(parts);
        hex(mac.finalize().into_bytes().get(..HASH_LENGTH).unwrap_or_default())
    }

    /// A key of its own for another use, such as the hashes in snapshots; the same as long as this
    /// ring lives, whatever sealing keys are added.
    pub(crate) fn derived(&self, purpose: &str) -> [u8; HASH_LENGTH] {
        let text = self.index.hash(&["derived key", purpose]);
        unhex(&text).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default()
    }

    /// Keyed commitment to parts of an audit line.
    pub(crate) fn commitment(&self, parts: &[&str]) -> String {
        self.audit.hash(parts)
    }
}

/// Where a sealed value lives. An envelope moved anywhere else does not open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SealPlace<'a> {
    pub(crate) ledger: &'a str,
    pub(crate) id: &'a str,
    pub(crate) field: &'a str,
}

impl SealPlace<'_> {
    fn bytes(&self) -> Vec<u8> {
        [self.ledger, self.id, self.field].join("\u{0}").into_bytes()
    }
}

/// Random bytes of the system.
pub(crate) fn random_bytes<const LENGTH: usize>() -> Result<[u8; LENGTH], StoreError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)
        .map_err(|_| StoreError::Keys("the system has no random numbers".to_owned()))?;
    Ok(bytes)
}

fn key(text: &str) -> Result<[u8; KEY_LENGTH], StoreError> {
    unhex(text)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| StoreError::Keys("a key has the wrong length".to_owned()))
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> Result<(), StoreError> {
    Ok(())
}

/// Refuses a key file that others may read.
#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(StoreError::Keys("the key file may be read by others (mode should be 600)".to_owned()))
    }
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: SealPlace<'static> = SealPlace { ledger: "user", id: "a", field: "phone" };

    #[test]
    fn sealed_text_opens_at_its_place_only() {
        let keys = KeyRing::random().unwrap();
        let envelope = keys.seal(&PLACE, "13900001111").unwrap();
        assert!(!envelope.contains("13900001111"));
        assert_eq!(keys.unseal(&PLACE, &envelope).unwrap(), "13900001111");
        for moved in [
            SealPlace { ledger: "unit", ..PLACE },
            SealPlace { id: "b", ..PLACE },
            SealPlace { field: "name", ..PLACE },
        ] {
            assert!(keys.unseal(&moved, &envelope).is_err(), "{moved:?}");
        }
        assert!(KeyRing::random().unwrap().unseal(&PLACE, &envelope).is_err());
    }

    #[test]
    fn no_two_values_share_a_nonce() {
        let keys = KeyRing::random().unwrap();
        let clone = keys.clone();
        let mut nonces = std::collections::BTreeSet::new();
        for count in 0..3 * NONCES_AT_ONCE {
            let ring = if count % 2 == 0 { &keys } else { &clone };
            let envelope = ring.seal(&PLACE, "13900001111").unwrap();
            let bytes = base64url::decode(envelope.strip_prefix("1.").unwrap()).unwrap();
            assert!(nonces.insert(bytes[..NONCE_LENGTH].to_vec()), "{count}");
        }
    }

    #[test]
    fn every_flipped_character_is_refused() {
        let keys = KeyRing::random().unwrap();
        let envelope = keys.seal(&PLACE, "13900001111").unwrap();
        for position in 2..envelope.len() {
            let mut bytes = envelope.clone().into_bytes();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(keys.unseal(&PLACE, &changed).is_err(), "{position}");
        }
    }

    #[test]
    fn keys_survive_and_rotate() {
        let directory = tempfile::tempdir().unwrap();
        let mut keys = KeyRing::open_or_create(directory.path()).unwrap();
        let old = keys.seal(&PLACE, "13900001111").unwrap();
        keys.rotate(directory.path()).unwrap();
        let again = KeyRing::open_or_create(directory.path()).unwrap();
        let new = again.seal(&PLACE, "13900001111").unwrap();
        assert!(old.starts_with("1.") && new.starts_with("2."));
        assert_eq!(again.unseal(&PLACE, &old).unwrap(), again.unseal(&PLACE, &new).unwrap());
        let one = keys.blind_index("user", "phone", "139 0000-1111");
        assert_eq!(one, again.blind_index("user", "phone", "１３９００００1111"));
        assert_ne!(one, again.blind_index("unit", "phone", "13900001111"));
    }

    #[cfg(unix)]
    #[test]
    fn key_file_open_to_others_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        KeyRing::open_or_create(directory.path()).unwrap();
        restrict(&directory.path().join(FILE_NAME), 0o644).unwrap();
        assert!(matches!(
            KeyRing::open_or_create(directory.path()),
            Err(StoreError::Keys(text)) if text.contains("600")
        ));
    }
}

//! The key that signs labels (TC260-PG-202511A), in the key folder.

use anyhow::Context as _;
use terms::Entropy;
use vault::KeyFolder;
use zeroize::Zeroizing;

use crate::Config;

/// Its file: the hexadecimal digits of PKCS#8.
const FILE: &str = "label-sm2.key";

/// The key that signs labels, made the first time.
///
/// # Errors
/// When the key folder cannot be read or written, or the file holds something else.
pub fn label_key(config: &Config, entropy: &dyn Entropy) -> anyhow::Result<label::SecretKey> {
    let folder = KeyFolder::open(&config.keys)?;
    let made = if folder.contains(FILE) {
        Zeroizing::default()
    } else {
        label::SecretKey::generate(entropy)?.to_pkcs8_hex()?
    };
    let text = folder.secret(FILE, || made)?;
    label::SecretKey::from_pkcs8_hex(&text)
        .with_context(|| format!("reading `{}`", config.keys.join(FILE).display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsEntropy;

    #[test]
    fn the_key_is_made_once_and_a_damaged_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { keys: folder.path().join("keys"), ..Config::default() };
        let first = label_key(&config, &OsEntropy).unwrap();
        let again = label_key(&config, &OsEntropy).unwrap();
        assert_eq!(first.verifying_key(), again.verifying_key());

        std::fs::remove_file(config.keys.join(FILE)).unwrap();
        KeyFolder::open(&config.keys).unwrap().secret(FILE, || Zeroizing::new("00".to_owned())).unwrap();
        let error = label_key(&config, &OsEntropy).unwrap_err();
        assert!(format!("{error:#}").contains(FILE), "{error:#}");
    }
}

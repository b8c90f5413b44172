//! Text and paths, which need not be UTF-8.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::frame::{Decode, Encode};

macro_rules! raw_bytes {
    ($(#[$doc:meta])* $name:ident as $json:literal: $fields:ident { $plain:ident, $coded:ident }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Default, Encode, Decode, Serialize, Deserialize)]
        #[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
        #[serde(try_from = $json, into = $json)]
        pub struct $name(pub Vec<u8>);

        /// How the bytes stand in JSON: readable where they can be, base64 where they must.
        #[derive(Serialize, Deserialize)]
        struct $fields {
            #[serde(default, skip_serializing_if = "Option::is_none")]
            $plain: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            $coded: Option<String>,
        }

        impl TryFrom<$fields> for $name {
            type Error = String;

            fn try_from(fields: $fields) -> Result<Self, String> {
                match (fields.$plain, fields.$coded) {
                    (Some(plain), None) => Ok(Self(plain.into_bytes())),
                    (None, Some(coded)) => STANDARD.decode(coded).map(Self).map_err(|error| {
                        format!(concat!("field `", stringify!($coded), "` is not base64: {}"), error)
                    }),
                    (None, None) => Err(concat!(
                        "missing field `", stringify!($plain), "` (or `", stringify!($coded), "`)"
                    ).to_owned()),
                    (Some(_), Some(_)) => Err(concat!(
                        "field `", stringify!($plain), "` and `", stringify!($coded), "`: give one, not both"
                    ).to_owned()),
                }
            }
        }

        impl From<$name> for $fields {
            fn from(bytes: $name) -> Self {
                match String::from_utf8(bytes.0) {
                    Ok(plain) => Self { $plain: Some(plain), $coded: None },
                    Err(error) => Self { $plain: None, $coded: Some(STANDARD.encode(error.as_bytes())) },
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.as_bytes().to_vec())
            }
        }
    };
}

raw_bytes!(
    /// Text as the user gave it. In JSON: `text`, or `text_b64` where it is not UTF-8.
    Text as "TextFields": TextFields { text, text_b64 }
);

raw_bytes!(
    /// A path as the operating system spells it. In JSON: `path`, or `path_b64`.
    RawPath as "PathFields": PathFields { path, path_b64 }
);

/// Never the text itself: what is printed may end in a log.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

impl fmt::Debug for RawPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(&self.0), f)
    }
}

#[cfg(unix)]
impl From<&std::path::Path> for RawPath {
    fn from(path: &std::path::Path) -> Self {
        use std::os::unix::ffi::OsStrExt as _;
        Self(path.as_os_str().as_bytes().to_vec())
    }
}

#[cfg(unix)]
impl From<&RawPath> for std::path::PathBuf {
    fn from(path: &RawPath) -> Self {
        use std::os::unix::ffi::OsStrExt as _;
        Self::from(std::ffi::OsStr::from_bytes(&path.0))
    }
}

/// Windows' paths are text in UTF-16. What is no Unicode in one, and could not be typed either, is
/// replaced.
#[cfg(windows)]
impl From<&std::path::Path> for RawPath {
    fn from(path: &std::path::Path) -> Self {
        Self(path.to_string_lossy().into_owned().into_bytes())
    }
}

#[cfg(windows)]
impl From<&RawPath> for std::path::PathBuf {
    fn from(path: &RawPath) -> Self {
        Self::from(String::from_utf8_lossy(&path.0).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_survive_json() {
        for bytes in [b"plain \xc3\xa9\n".to_vec(), vec![0xff, 0x00, 0xfe], vec![]] {
            let json = serde_json::to_string(&Text(bytes.clone())).unwrap();
            assert_eq!(serde_json::from_str::<Text>(&json).unwrap(), Text(bytes), "{json}");
        }
    }

    #[test]
    fn one_spelling_has_to_be_given_and_only_one() {
        for bad in ["{}", r#"{"text":"a","text_b64":"YQ=="}"#, r#"{"text_b64":"*"}"#] {
            let error = serde_json::from_str::<Text>(bad).unwrap_err().to_string();
            assert!(error.contains("field `text"), "{error}");
        }
    }

    #[test]
    fn text_is_never_printed() {
        assert_eq!(format!("{:?}", Text::from("secret")), "Text(6 bytes)");
    }
}

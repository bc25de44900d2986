//! The environment of one call, read once.

use crate::{Failure, UsageError};

/// Options of the contract that the crate has no means for.
const BEYOND_THE_SDK: &[&str] = &[
    "XT_WITH_ASSERTIONS",
    "XT_WITH_ASSERTION_VERIFICATION_KEYS",
    "XT_WITH_ATTRIBUTES",
    "XT_WITH_ECWRAP",
    "XT_WITH_FULFILLABLE_OBLIGATIONS",
    "XT_WITH_KAS_ALLOW_LIST",
    "XT_WITH_KAS_ALLOWLIST",
];
const NATIVE_TARGET_MODE: &str = "4.3.0";

pub struct Settings {
    pub platform_url: String,
    pub kas_url: String,
    pub token_endpoint: Option<String>,
    pub client: Option<(String, String)>,
    pub access_token: Option<String>,
    pub mime_type: Option<String>,
}

impl Settings {
    pub fn from_environment() -> Result<Self, Failure> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads the settings through `lookup`, which has the shape of `std::env::var`.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let text = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let is_set = |name: &str| {
            text(name).is_some_and(|value| value != "0" && !value.eq_ignore_ascii_case("false"))
        };
        if let Some(name) = BEYOND_THE_SDK.iter().find(|name| is_set(name)) {
            let message = format!("{name} is set, but the opentdf crate cannot do that");
            return Err(Box::new(UsageError(message)));
        }
        if let Some(mode) = text("XT_WITH_TARGET_MODE").filter(|mode| mode != NATIVE_TARGET_MODE) {
            return Err(Box::new(UsageError(format!(
                "XT_WITH_TARGET_MODE={mode}, but the opentdf crate writes {NATIVE_TARGET_MODE} only"
            ))));
        }
        let platform_url = text("PLATFORMURL")
            .ok_or(
                "PLATFORMURL is not set; expected the platform's address, such as \
                 http://localhost:8080",
            )?
            .trim_end_matches('/')
            .to_owned();
        Ok(Self {
            kas_url: text("KASURL").unwrap_or_else(|| format!("{platform_url}/kas")),
            platform_url,
            token_endpoint: text("TOKENENDPOINT"),
            client: match (text("CLIENTID"), text("CLIENTSECRET")) {
                (Some(id), Some(secret)) => Some((id, secret)),
                (None, None) => None,
                _ => {
                    return Err("CLIENTID and CLIENTSECRET belong together; only one is set".into());
                }
            },
            access_token: text("XT_WITH_ACCESS_TOKEN"),
            mime_type: text("XT_WITH_MIME_TYPE"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, Failure> {
        Settings::read(|name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_kas_is_the_platforms_unless_named() {
        let settings = read(&[("PLATFORMURL", "http://localhost:8080/")]).unwrap();
        assert_eq!(settings.kas_url, "http://localhost:8080/kas");
    }

    #[test]
    fn what_the_crate_cannot_do_is_wrong_use_unless_switched_off() {
        let url = ("PLATFORMURL", "http://localhost:8080");
        assert!(
            read(&[url, ("XT_WITH_ECWRAP", "true")])
                .err()
                .unwrap()
                .is::<UsageError>()
        );
        assert!(read(&[url, ("XT_WITH_TARGET_MODE", "4.2.2")]).is_err());
        assert!(read(&[url, ("XT_WITH_ECWRAP", "false")]).is_ok());
    }

    #[test]
    fn half_a_pair_of_credentials_is_refused() {
        let half = read(&[("PLATFORMURL", "http://localhost"), ("CLIENTID", "opentdf")]);
        assert!(half.is_err());
    }
}

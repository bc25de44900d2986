//! `supports`: what this program offers with the `opentdf` version in Cargo.toml.
//!
//! The names are xtest's, then this project's own.

const OFFERED: &[&str] = &[
    "connectrpc",
    "hexless",
    // This project's own names.
    "access_token",
    "decrypt",
    "ec_unwrap",
    "mime_type",
    "verifies_integrity",
];

const LACKING: &[&str] = &[
    "assertions", // manifest types only: the crate neither signs nor verifies them
    "assertion_verification", //
    "attribute_traversal",
    "autoconfigure",
    "better-messages-2024", // it names the check that failed, but not as xtest asks for
    "bulk_rewrap",
    "dpop", // the crate can bind Ed25519 and P-256 keys, but leaves getting such a token to others
    "dpop_nonce_challenge",
    "ecwrap", // its key derivation has another salt than the platform's
    "hexaflexible",
    "kasallowlist", // it asks the configured KAS only, whatever the container names
    "key_management",
    "mechanism-ec-curves-384-521",
    "mechanism-mlkem",
    "mechanism-rsa-4096",
    "mechanism-secpmlkem",
    "mechanism-xwing",
    "ns_grants",
    "obligations",
    // This project's own names.
    "fulfils_obligations",
    "asks_the_next", // it asks the configured KAS only
    "joins_parts",
    // Since 0.16 the crate binds the policy and names the manifest entry in a form that no released
    // platform accepts (its changelog says so). `encrypt` runs; the platform then refuses to rewrap.
    "encrypt",
    "nano", // the crate asks for the keys of such documents, and neither writes nor opens them
    "reads_4.2.2", // it compares segment hashes in the 4.3.0 encoding only
    "attributes",  // its policy writes conditions, where the platform reads attribute names
];

/// Returns the exit code of `supports`: 0 yes, 1 no, 2 unknown name.
pub fn answer(feature: &str) -> u8 {
    if OFFERED.contains(&feature) {
        0
    } else if LACKING.contains(&feature) {
        1
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_one_answer() {
        assert_eq!(answer("hexless"), 0);
        assert_eq!(answer("ecwrap"), 1);
        assert_eq!(answer("no-such-feature"), 2);
        assert!(OFFERED.iter().all(|name| !LACKING.contains(name)));
    }
}

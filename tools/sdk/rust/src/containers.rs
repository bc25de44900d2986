//! Encryption and decryption through the crate.

use opentdf::kas::KasClient;
use opentdf::kas_discovery::{KasEndpoints, OpentdfConfiguration};
use opentdf::manifest::{
    IntegrityInformationExt, KeyAccessExt, Segment, TdfManifest, TdfManifestExt,
};
use opentdf::{
    Policy, TdfArchive, TdfArchiveMemoryBuilder, TdfEncryption, fetch_kas_public_key_connect,
    wrap_key_with_rsa_oaep,
};
use reqwest::Client;
use std::io::Cursor;
use uuid::Uuid;

use crate::Failure;
use crate::settings::Settings;
use crate::token::access_token;

const SEGMENT_BYTES: usize = 2 * 1024 * 1024;

pub async fn encrypt(settings: &Settings, plaintext: &[u8]) -> Result<Vec<u8>, Failure> {
    let http = Client::new();
    let endpoints = KasEndpoints::from_config(&configuration(settings))?;
    let kas_key = fetch_kas_public_key_connect(&endpoints.public_key_url, &http).await?;

    let encryption = TdfEncryption::new()?;
    let payload = encryption.encrypt_with_segments(plaintext, SEGMENT_BYTES)?;
    let policy = Policy::new(Uuid::new_v4().to_string(), Vec::new(), Vec::new());

    let mut manifest = TdfManifest::new("0.payload".to_owned(), settings.kas_url.clone());
    if let Some(mime_type) = &settings.mime_type {
        manifest.payload.mime_type = Some(mime_type.clone());
    }
    manifest.set_policy(&policy)?;
    let information = &mut manifest.encryption_information;
    information.method.algorithm = "AES-256-GCM".to_owned();
    information.method.iv = String::new(); // each segment has its own

    let key_access = &mut information.key_access[0];
    key_access.generate_policy_binding_raw(&policy.to_json()?, encryption.payload_key())?;
    key_access.wrapped_key = wrap_key_with_rsa_oaep(encryption.payload_key(), &kas_key.public_key)?;
    key_access.kid = Some(kas_key.kid);

    let integrity = &mut information.integrity_information;
    integrity.segments = payload
        .segment_info
        .iter()
        .map(|segment| Segment {
            hash: segment.hash.clone(),
            segment_size: Some(segment.plaintext_size),
            encrypted_segment_size: Some(segment.encrypted_size),
        })
        .collect();
    if let Some(first) = payload.segment_info.first() {
        integrity.segment_size_default = first.plaintext_size;
        integrity.encrypted_segment_size_default = first.encrypted_size;
    }
    integrity.generate_root_signature(&payload.gmac_tags, encryption.payload_key())?;

    let mut archive = TdfArchiveMemoryBuilder::new();
    archive.add_entry_with_segments(&manifest, &payload.segments, 0)?;
    Ok(archive.finish()?)
}

pub async fn decrypt(settings: &Settings, container: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let token = access_token(settings, &Client::new()).await?;
    let kas = KasClient::new(&configuration(settings), token)?;
    let mut archive = TdfArchive::new(Cursor::new(container))?;
    Ok(archive.by_index()?.decrypt_with_kas(&kas).await?)
}

/// The platform's well-known document names no KAS, so its address comes from the settings.
fn configuration(settings: &Settings) -> OpentdfConfiguration {
    let base = settings.kas_url.trim_end_matches('/');
    OpentdfConfiguration::for_kas_connect(base.strip_suffix("/kas").unwrap_or(base))
}

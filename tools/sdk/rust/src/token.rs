//! The access token, which the crate leaves to its caller.

use opentdf::kas_discovery::fetch_well_known;
use reqwest::Client;

use crate::Failure;
use crate::settings::Settings;

/// Returns a bearer token: the given one, else one for the client's credentials, else fails.
pub async fn access_token(settings: &Settings, http: &Client) -> Result<String, Failure> {
    if let Some(token) = &settings.access_token {
        return Ok(token.clone());
    }
    let Some((id, secret)) = &settings.client else {
        return Err(
            "no credentials are set: the crate cannot decrypt without an access token".into(),
        );
    };
    let endpoint = token_endpoint(settings, http).await?;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
    ];
    let response = http.post(&endpoint).form(&form).send().await?;
    let status = response.status();
    let body = response.text().await?;
    if !status.is_success() {
        return Err(format!("token request to {endpoint} refused: {status}: {body}").into());
    }
    let answer: serde_json::Value = serde_json::from_str(&body)?;
    let token = answer["access_token"].as_str();
    Ok(token
        .ok_or("the token response holds no access_token")?
        .to_owned())
}

async fn token_endpoint(settings: &Settings, http: &Client) -> Result<String, Failure> {
    if let Some(endpoint) = &settings.token_endpoint {
        return Ok(endpoint.clone());
    }
    let configuration = fetch_well_known(&settings.platform_url, http).await?;
    let endpoint = configuration
        .idp
        .and_then(|provider| provider.token_endpoint);
    Ok(endpoint.ok_or("the platform's configuration names no token endpoint")?)
}

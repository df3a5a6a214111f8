//! The files that a report's manifest names, as a list to check against what lies on the disk.
//!
//! Read without a limit on their number: a manifest holds a line an input. Takes memory in proportion to it.

use serde::Deserialize;

use crate::hex;

/// The schema that is read.
const SCHEMA: &str = "coldcase.manifest/1";

/// A file that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What it was to the scan.
    pub role: Role,
    /// Its path, or the name of a pack, of a policy or of a file of the configuration.
    pub path: String,
    /// Its digest; none for an input that could not be read to its end.
    pub sha256: Option<[u8; 32]>,
    /// Its size; the manifest does not say that of packs and policies. Units: bytes.
    pub bytes: Option<u64>,
}

/// What a file was to the scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It was scanned.
    Input,
    /// Its rules were used.
    Pack,
    /// Its policy was used.
    Policy,
    /// It configured the scan.
    Configuration,
    /// The scan wrote it.
    Output,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Not JSON, or not of the manifest's shape.
    #[error("not a manifest of schema `{SCHEMA}`")]
    Unknown(#[source] serde_json::Error),
    /// Another schema.
    #[error("a manifest of another schema than `{SCHEMA}`")]
    Schema,
    /// A digest is no lower-case SHA-256.
    #[error("the digest of `{0}` is no lower-case SHA-256")]
    Digest(String),
}

/// Reading refuses a member that stands twice: another reader might take the other one.
#[derive(Deserialize)]
struct Manifest {
    schema: String,
    run: Run,
    packs: Vec<Pack>,
    inputs: Vec<Input>,
    configuration: Vec<Named>,
    outputs: Vec<Output>,
}

#[derive(Deserialize)]
struct Run {
    policy: String,
    policy_sha256: String,
}

#[derive(Deserialize)]
struct Pack {
    name: String,
    sha256: String,
}

#[derive(Deserialize)]
struct Input {
    path: String,
    #[serde(deserialize_with = "Option::deserialize")]
    sha256: Option<String>,
    bytes: u64,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    sha256: String,
    bytes: u64,
}

#[derive(Deserialize)]
struct Output {
    path: String,
    sha256: String,
    bytes: u64,
}

/// The files that a manifest names, in its order: policy, packs, inputs, configuration, outputs.
pub fn listed(manifest: &[u8]) -> Result<Vec<Listed>, ManifestError> {
    let manifest: Manifest = serde_json::from_slice(manifest).map_err(ManifestError::Unknown)?;
    if manifest.schema != SCHEMA {
        return Err(ManifestError::Schema);
    }
    let Run { policy, policy_sha256 } = manifest.run;
    let policy = std::iter::once((Role::Policy, policy, Some(policy_sha256), None));
    let packs = manifest.packs.into_iter().map(|file| (Role::Pack, file.name, Some(file.sha256), None));
    let inputs =
        manifest.inputs.into_iter().map(|file| (Role::Input, file.path, file.sha256, Some(file.bytes)));
    let configuration = manifest
        .configuration
        .into_iter()
        .map(|file| (Role::Configuration, file.name, Some(file.sha256), Some(file.bytes)));
    let outputs = manifest
        .outputs
        .into_iter()
        .map(|file| (Role::Output, file.path, Some(file.sha256), Some(file.bytes)));
    let all = policy.chain(packs).chain(inputs).chain(configuration).chain(outputs);
    all.map(|(role, path, sha256, bytes)| {
        let decoded = sha256.as_deref().map(|text| hex::decode(text.as_bytes()));
        match decoded {
            Some(None) => Err(ManifestError::Digest(path)),
            digest => Ok(Listed { role, path, sha256: digest.flatten(), bytes }),
        }
    })
    .collect()
}

#[cfg(test)]
mod tests;

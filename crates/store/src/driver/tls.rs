//! TLS to PostgreSQL, by the connection string's `sslmode` and `sslrootcert` as libpq knows them.
//!
//! | `sslmode` | on the line | the server is known by |
//! |---|---|---|
//! | `disable` | clear | – |
//! | `prefer` (unless said) | TLS if the server has it | – |
//! | `require` | TLS or nothing | its chain, if `sslrootcert` is given |
//! | `verify-ca` | TLS or nothing | its chain |
//! | `verify-full` | TLS or nothing | its chain and its name |
//!
//! With `sslnegotiation=direct` TLS begins without a question whether the server has it, so a mode
//! that may stay in clear is refused, as libpq refuses it.
//!
//! `sslrootcert` names a file of PEM certificates; without it, or with `system`, the machine's own
//! are used.

mod together;

use self::together::MakeTogether;
use super::postgres::Line;
use crate::error::StoreError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::config::{Host, SslMode, SslNegotiation};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, Error as PostgresError, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Where systems keep the certificates that they trust.
const SYSTEM_ROOTS: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// What is spoken within TLS, as libpq names it; a server asks for it where TLS begins at once.
const PROTOCOL: &[u8] = b"postgresql";

/// How the server is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Clear, no TLS.
    Clear,
    /// By nothing: against listeners, not against impostors.
    ByNothing,
    /// By a chain to a root.
    ByChain,
    /// By a chain and the name in the connection string.
    ByName,
}

/// What a connection string says of TLS.
#[derive(Debug, PartialEq, Eq)]
struct Wish {
    /// The connection string without the words that the driver does not know.
    rest: String,
    mode: SslMode,
    known: Known,
    roots: Option<String>,
}

/// Connects as the connection string says.
///
/// # Errors
/// [`StoreError::Database`] with the reason; never with the connection string, which may hold a
/// password.
pub(super) fn connect(url: &str) -> Result<Line, StoreError> {
    let wish = wish(url)?;
    let mut config: Config = wish.rest.parse().map_err(|error| super::postgres::fault(&error))?;
    config.ssl_mode(wish.mode);
    if wish.mode != SslMode::Require && config.get_ssl_negotiation() == SslNegotiation::Direct {
        return Err(StoreError::Database(
            "sslnegotiation `direct` wants sslmode require, verify-ca or verify-full".to_owned(),
        ));
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let connected = match wish.known {
        Known::Clear => open(runtime, config, NoTls),
        known => {
            let client = client_config(known, wish.roots.as_deref())?;
            open(runtime, config, MakeRustlsConnect::new(client))
        }
    };
    connected.map_err(|error| {
        let told = super::postgres::fault(&error);
        match (told, std::error::Error::source(&error)) {
            // The driver says only that a connection failed; why stands behind it.
            (StoreError::Database(text), Some(source)) => {
                StoreError::Database(format!("{text}: {source}"))
            }
            (told, _) => told,
        }
    })
}

/// A line by name goes over [`MakeTogether`]; what the driver only knows without TLS, a socket of
/// the machine or an address without a name, stays with the driver.
fn open<T>(runtime: Runtime, mut config: Config, tls: T) -> Result<Line, PostgresError>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
    T::TlsConnect: Send + 'static,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let is_named = |host: &Host| matches!(host, Host::Tcp(_));
    if config.get_hosts().is_empty() || !config.get_hosts().iter().all(is_named) {
        return carried(runtime, &config, tls);
    }
    let (mode, negotiation) = (config.get_ssl_mode(), config.get_ssl_negotiation());
    config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
    carried(runtime, &config, MakeTogether { tls, mode, negotiation })
}

fn carried<T>(runtime: Runtime, config: &Config, tls: T) -> Result<Line, PostgresError>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, connection) = runtime.block_on(config.connect(tls))?;
    let carrier = runtime.spawn(async move {
        // Whoever asks next learns of a broken line from his own question.
        let _ = connection.await;
    });
    Ok(Line { client, runtime, carrier })
}

/// Takes the words of TLS out of a connection string, of either form.
fn wish(url: &str) -> Result<Wish, StoreError> {
    let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let (head, words, mark) = match url.split_once('?') {
        Some((head, query)) if is_url => (format!("{head}?"), query.split('&').collect(), "&"),
        _ if is_url => (url.to_owned(), Vec::new(), "&"),
        _ => (String::new(), url.split(' ').collect::<Vec<_>>(), " "),
    };
    let mut rest = Vec::new();
    let mut mode = "prefer".to_owned();
    let mut roots = None;
    for word in words {
        match word.split_once('=') {
            Some(("sslmode", value)) => value.clone_into(&mut mode),
            Some(("sslrootcert", value)) if is_url => roots = Some(percent_decoded(value)),
            Some(("sslrootcert", value)) => roots = Some(value.trim_matches('\'').to_owned()),
            _ => rest.push(word),
        }
    }
    let roots = roots.filter(|roots| roots != "system");
    let (mode, known) = match (mode.trim_matches('\''), &roots) {
        ("disable", _) => (SslMode::Disable, Known::Clear),
        ("allow" | "prefer", _) => (SslMode::Prefer, Known::ByNothing),
        ("require", None) => (SslMode::Require, Known::ByNothing),
        ("require", Some(_)) | ("verify-ca", _) => (SslMode::Require, Known::ByChain),
        ("verify-full", _) => (SslMode::Require, Known::ByName),
        (other, _) => {
            return Err(StoreError::Database(format!(
                "sslmode `{other}` is unknown; disable, prefer, require, verify-ca, verify-full"
            )));
        }
    };
    Ok(Wish { rest: format!("{head}{}", rest.join(mark)), mode, known, roots })
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn client_config(known: Known, roots: Option<&str>) -> Result<ClientConfig, StoreError> {
    let provider = Arc::new(ring::default_provider());
    let wrong = |error: Error| StoreError::Database(format!("TLS: {error}"));
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(wrong)?;
    let speaking = |mut config: ClientConfig| {
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        config
    };
    if known == Known::ByName {
        let builder = builder.with_root_certificates(root_store(roots)?);
        return Ok(speaking(builder.with_no_client_auth()));
    }
    let chain = match known {
        Known::ByChain => {
            let roots = Arc::new(root_store(roots)?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider.clone());
            let verifier = verifier.build();
            Some(verifier.map_err(|error| StoreError::Database(format!("TLS: {error}")))?)
        }
        _ => None,
    };
    let verifier = Arc::new(NoName { provider, chain });
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    Ok(speaking(builder.with_no_client_auth()))
}

fn root_store(file: Option<&str>) -> Result<RootCertStore, StoreError> {
    let usual = || SYSTEM_ROOTS.into_iter().find(|place| std::path::Path::new(place).is_file());
    let none = || StoreError::Database("TLS: no root certificates; set sslrootcert".to_owned());
    let file = file.or_else(usual).ok_or_else(none)?;
    let unreadable =
        |_| StoreError::Database("TLS: the file of sslrootcert cannot be read".to_owned());
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(unreadable)? {
        // One that is not understood is passed over; without any the connection is refused.
        let _ = store.add(certificate.map_err(unreadable)?);
    }
    if store.is_empty() { Err(none()) } else { Ok(store) }
}

/// Checks the chain, if there are roots, and never the name.
#[derive(Debug)]
struct NoName {
    provider: Arc<CryptoProvider>,
    chain: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for NoName {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        match chain.verify_server_cert(end, intermediates, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, connect, wish};

    #[test]
    fn words_of_tls_are_taken_out_of_the_connection_string() {
        let cases = [
            ("postgres://u:p@h/d", "postgres://u:p@h/d", Known::ByNothing, None),
            ("postgres://h/d?sslmode=disable", "postgres://h/d?", Known::Clear, None),
            (
                "postgres://h/d?a=1&sslmode=require&b=2",
                "postgres://h/d?a=1&b=2",
                Known::ByNothing,
                None,
            ),
            (
                "postgresql://h/d?sslmode=verify-full&sslrootcert=/a%20b/c%C3%A9.pem",
                "postgresql://h/d?",
                Known::ByName,
                Some("/a b/cé.pem"),
            ),
            (
                "host=h sslmode=require sslrootcert='/r.pem' user=u",
                "host=h user=u",
                Known::ByChain,
                Some("/r.pem"),
            ),
            ("host=h sslmode=verify-ca sslrootcert=system", "host=h", Known::ByChain, None),
        ];
        for (text, rest, known, roots) in cases {
            let wish = wish(text).unwrap();
            assert_eq!((wish.rest.as_str(), wish.known), (rest, known), "{text}");
            assert_eq!(wish.roots.as_deref(), roots, "{text}");
        }
        assert!(wish("postgres://h/d?sslmode=verify").is_err());
    }

    #[test]
    fn mode_that_may_stay_in_clear_is_refused_where_tls_begins_at_once() {
        for mode in ["", "&sslmode=disable", "&sslmode=allow", "&sslmode=prefer"] {
            // Refused before anybody is looked for.
            let error = connect(&format!("postgres://h.invalid/d?sslnegotiation=direct{mode}"));
            let told = error.err().unwrap().to_string();
            assert!(told.contains("sslnegotiation"), "{mode}: {told}");
        }
        let strong = connect("postgres://127.0.0.1:1/d?sslnegotiation=direct&sslmode=require");
        assert!(!strong.err().unwrap().to_string().contains("sslnegotiation"));
    }
}

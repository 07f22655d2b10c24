//! Files that do not hold what they should.

use std::error::Error;
use std::fs;

use cwire_transport::{TlsClient, TlsClientOptions, TlsError, TlsServer, TlsServerOptions};

use super::{Pki, pki, ready, tls, within};

/// A server with these two files.
fn server(pki: &Pki, chain: &str, key: &str) -> Result<TlsServer, TlsError> {
    TlsServer::new(&TlsServerOptions::new(pki.path(chain), pki.path(key)))
}

/// What is wrong, without the folder.
fn message(pki: &Pki, result: Result<impl Sized, TlsError>) -> String {
    let error = result.err().expect("something is wrong");
    let mut text = error.to_string();
    if let Some(source) = error.source() {
        text += &format!(": {source}");
    }
    text.replace(&format!("{}/", pki.path("").display().to_string().trim_end_matches('/')), "")
}

#[tokio::test]
async fn keys_of_all_three_forms() {
    let Some(pki) = pki() else { return };
    for (chain, key, begin) in [
        ("server.pem", "server.key", "-----BEGIN PRIVATE KEY-----"),
        ("server.pem", "sec1.key", "-----BEGIN EC PRIVATE KEY-----"),
        ("pkcs1.pem", "pkcs1.key", "-----BEGIN RSA PRIVATE KEY-----"),
    ] {
        let pem = fs::read_to_string(pki.path(key)).unwrap();
        assert_eq!(pem.lines().next(), Some(begin));
        let server = server(pki, chain, key).unwrap();
        let (mut client, mut server) = tls(&pki.client(), &server).await;
        within(ready(&mut client, &mut server)).await;
    }
}

/// A server that certifies itself is trusted by who has its certificate among the roots.
#[tokio::test]
async fn a_certificate_may_be_its_own_root() {
    let Some(pki) = pki() else { return };
    let client = TlsClient::new(&TlsClientOptions::new(pki.path("self.pem"))).unwrap();
    let (mut client, mut server) = tls(&client, &pki.server("self")).await;
    within(ready(&mut client, &mut server)).await;
}

#[test]
fn what_is_wrong_with_the_files_of_a_server() {
    let Some(pki) = pki() else { return };
    fs::write(pki.path("text.pem"), "no PEM\n").unwrap();
    let certificate = fs::read_to_string(pki.path("server.pem")).unwrap();
    let half = &certificate[..certificate.len() / 2];
    fs::write(pki.path("half.pem"), half).unwrap();
    fs::write(pki.path("begin.pem"), "-----BEGIN CERTIFICATE--\n").unwrap();
    fs::write(pki.path("base64.pem"), pem("!")).unwrap();
    fs::write(pki.path("no-der.pem"), pem("aGVsbG8=")).unwrap();
    fs::write(pki.path("no-der.key"), pem("aGVsbG8=").replace("CERTIFICATE", "PRIVATE KEY"))
        .unwrap();
    for (chain, key, expected) in [
        (
            "missing.pem",
            "server.key",
            "cannot read missing.pem: No such file or directory (os error 2)",
        ),
        (
            "server.pem",
            "missing.key",
            "cannot read missing.key: No such file or directory (os error 2)",
        ),
        ("text.pem", "server.key", "text.pem: needs a certificate in PEM form, none found"),
        ("server.key", "server.key", "server.key: needs a certificate in PEM form, none found"),
        (
            "server.pem",
            "server.pem",
            "server.pem: needs a private key in PEM form that is not encrypted, none found",
        ),
        (
            "server.pem",
            "encrypted.key",
            "encrypted.key: needs a private key in PEM form that is not encrypted, none found",
        ),
        (
            "half.pem",
            "server.key",
            "half.pem: needs a line `-----END CERTIFICATE-----`, none found",
        ),
        (
            "begin.pem",
            "server.key",
            "begin.pem: needs five dashes at the end of the line `-----BEGIN CERTIFICATE--`",
        ),
        ("base64.pem", "server.key", "base64.pem: needs base64 between the BEGIN and END lines"),
        (
            "no-der.pem",
            "server.key",
            "no-der.pem: needs X.509 certificates, number 1 cannot be read: BadEncoding",
        ),
        (
            "server.pem",
            "no-der.key",
            "no-der.key: the private key cannot be used: unexpected error: failed to parse private key \
             as RSA, ECDSA, or EdDSA",
        ),
        (
            "server.pem",
            "client.key",
            "client.key: needs the key of the certificate in server.pem, another one found",
        ),
        (
            "server.pem",
            "pkcs1.key",
            "pkcs1.key: needs the key of the certificate in server.pem, another one found",
        ),
    ] {
        assert_eq!(message(pki, server(pki, chain, key)), expected);
    }
    let options = pki.server_options("server").require_client_certificate(pki.path("server.key"));
    assert_eq!(
        message(pki, TlsServer::new(&options)),
        "server.key: needs a certificate in PEM form, none found"
    );
}

#[test]
fn what_is_wrong_with_the_files_of_a_client() {
    let Some(pki) = pki() else { return };
    let mut bundle = fs::read_to_string(pki.path("ca.pem")).unwrap();
    bundle += &pem("aGVsbG8=");
    fs::write(pki.path("bundle.pem"), bundle).unwrap();
    let options = pki.client_options();
    for (options, expected) in [
        (
            TlsClientOptions::new(pki.path("ca.key")),
            "ca.key: needs a certificate in PEM form, none found",
        ),
        (
            options.clone().roots(pki.path("bundle.pem")),
            "bundle.pem: needs X.509 certificates, number 2 cannot be read: BadEncoding",
        ),
        (
            options.clone().certificate(pki.path("client.pem"), pki.path("server.key")),
            "server.key: needs the key of the certificate in client.pem, another one found",
        ),
        (options.server_name("a name"), "server name `a name`: needs a DNS name or an IP address"),
    ] {
        assert_eq!(message(pki, TlsClient::new(&options)), expected);
    }
}

fn pem(base64: &str) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
}

//! TLS to the database, and what connections say and allow by default.

use super::harness::{Options, Scratch};
use super::postgres_server::PostgresServer;

/// Makes an authority, and a certificate of it for 127.0.0.1, in the server's directory.
async fn certify(postgres: &PostgresServer) {
    std::fs::write(postgres.directory().join("extensions"), "subjectAltName = IP:127.0.0.1\n").unwrap();
    for authority in ["ca", "stranger"] {
        let (key, certificate) = (format!("{authority}.key"), format!("{authority}.crt"));
        let subject = format!("/CN={authority}");
        let arguments = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", &subject];
        run(postgres, &[arguments.as_slice(), &["-keyout", &key, "-out", &certificate]].concat()).await;
    }
    let request = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=db", "-keyout", "db.key", "-out", "db.csr"];
    run(postgres, &request).await;
    let sign = ["x509", "-req", "-in", "db.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"];
    run(postgres, &[sign.as_slice(), &["-extfile", "extensions", "-out", "db.crt"]].concat()).await;
}

async fn run(postgres: &PostgresServer, arguments: &[&str]) {
    let (success, said) = postgres.run("openssl", arguments).await;
    assert!(success, "openssl {arguments:?}: {said}");
}

#[tokio::test]
async fn a_certificate_is_verified() {
    let Some(postgres) = PostgresServer::start(&[]).await else { return };
    certify(&postgres).await;
    let directory = postgres.directory().display();
    let (certificate, key) =
        (format!("ssl_cert_file = '{directory}/db.crt'"), format!("ssl_key_file = '{directory}/db.key'"));
    postgres.set(&["ssl = on", &certificate, &key]);
    postgres.admit(&["hostssl all all 127.0.0.1/32 trust"]);
    postgres.reload().await;

    let data_dir = Scratch::new();
    let url = |host: &str, authority: &str| {
        let port = postgres.port();
        format!(
            "postgres://postgres@{host}:{port}/postgres?sslmode=verify-full&sslrootcert={directory}/{authority}.crt"
        )
    };
    let right = Options::on(data_dir.path(), Some(&url("127.0.0.1", "ca"))).start().await;
    right.sign_up("alice").await;
    let encrypted = "SELECT DISTINCT s.ssl::text FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
        WHERE a.application_name = 'portcullis'";
    // The test itself connects with TLS as well, which it prefers.
    assert_eq!(postgres.texts("postgres", encrypted).await, [Some("true".to_owned())]);

    for (host, authority) in [("127.0.0.1", "stranger"), ("localhost", "ca")] {
        let refused = Options::on(data_dir.path(), Some(&url(host, authority))).finish("serve").await;
        assert!(!refused.status.success(), "{host}, {authority}");
        assert!(refused.stderr.contains("certificate"), "{host}, {authority}: {}", refused.stderr);
    }
    let plain = format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", postgres.port());
    let refused = Options::on(data_dir.path(), Some(&plain)).finish("serve").await;
    assert!(!refused.status.success() && refused.stderr.contains("no encryption"), "{}", refused.stderr);
}

//! Configurations, and what is said about them.

use std::fs;

use super::*;
use crate::guard::Uploaders;

/// Reads a configuration from flags and variables, and a file if there is a text for one.
fn read(flags: &[(&str, &str)], environment: &[(&str, &str)], file: Option<&str>) -> Result<Config, Vec<String>> {
    let path = file.map(|text| {
        let path = std::env::temp_dir().join(format!("portcullis-{:?}.toml", std::thread::current().id()));
        fs::write(&path, text).unwrap();
        path
    });
    let sources = Sources {
        flags: flags.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect(),
        file: path.clone(),
        environment: environment.iter().map(|(name, value)| (name.into(), value.into())).collect(),
    };
    let shown = path.as_ref().map(|path| path.display().to_string());
    let config = Config::read(sources).map_err(|Mistakes(mistakes)| {
        let shorten = |text: String| shown.as_ref().map_or(text.clone(), |shown| text.replace(shown, "FILE"));
        mistakes.into_iter().map(shorten).collect()
    });
    if let Some(path) = path {
        fs::remove_file(path).ok();
    }
    config
}

fn mistakes(flags: &[(&str, &str)], environment: &[(&str, &str)], file: Option<&str>) -> Vec<String> {
    read(flags, environment, file).err().unwrap_or_default()
}

#[test]
fn nothing_has_to_be_configured() {
    let config = read(&[], &[], None).unwrap();
    assert_eq!(config.general.listen, "127.0.0.1:1337");
    assert_eq!(config.access.master_key_ips.len(), 2);
    assert_eq!(config.requests.max_upload_bytes, 20 << 20);
    assert_eq!(config.accounts.rules.sessions.length, Some(Duration::from_hours(365 * 24)));
    assert!(config.accounts.rules.lockout.is_none());
    assert_eq!(config.database.lock_timeout, Duration::from_secs(5));
    assert!(config.api.graphiql);
    assert_eq!(config.database_url().expose_secret(), "sqlite:portcullis-data/portcullis.db?mode=rwc");
}

#[test]
fn flags_win_over_variables_and_variables_over_the_file() {
    let file = Some("listen = \"127.0.0.1:1\"\napp_id = \"file\"\nmax_connections = 7\n");
    let environment = &[("PORTCULLIS_LISTEN", "127.0.0.1:2"), ("PORTCULLIS_APP_ID", "variable")];
    let config = read(&[("listen", "127.0.0.1:3")], environment, file).unwrap();
    assert_eq!(config.general.listen, "127.0.0.1:3");
    assert_eq!(config.access.app_id.as_deref(), Some("variable"));
    assert_eq!(config.database.max_connections, 7);
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let file = Some("listn = \"127.0.0.1:1\"\nmax_connections = 0\nlog_format = { a = 1 }\napp_id = [\"a\", \"b\"]\n");
    let environment = &[("PORTCULLIS_MASTERKEY", "mk"), ("PORTCULLIS_REQUEST_TIMEOUT", "30"), ("HOME", "/root")];
    let told = mistakes(&[("master_key_ips", "10.0.0.7,0.0.0.0,nowhere")], environment, file);
    assert_eq!(
        told,
        [
            "PORTCULLIS_MASTERKEY is not a setting; did you mean PORTCULLIS_MASTER_KEY?",
            "listn in FILE is not a setting; did you mean listen?",
            "log_format in FILE is not a plain value or a list of them",
            "app_id in FILE takes one value, not a list",
            "--master-key-ips: \"0.0.0.0\" is no client's address; for every address write 0.0.0.0/0",
            "--master-key-ips: \"nowhere\" is not an IP address or network, such as 10.0.0.7 or 10.0.0.0/8",
            "PORTCULLIS_REQUEST_TIMEOUT: \"30\" is not a length of time with its unit, such as 500ms, 30s, 5m, 12h or 365d",
            "max_connections in FILE: \"0\" is not a whole number from 1 on",
        ]
    );
}

#[test]
fn variables_of_the_tests_are_passed_over() {
    let variable = "PORTCULLIS_TEST_POSTGRES_URL";
    assert!(read(&[], &[(variable, "postgres://127.0.0.1")], None).is_ok());
}

#[test]
fn settings_must_go_together() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[("master_key", "same"), ("read_only_master_key", "same")],
            "--read-only-master-key is the same as --master-key",
        ),
        (&[("app_id", "same"), ("master_key", "same")], "--master-key is the same as --app-id, which is not a secret"),
        (
            &[("client_keys", "other,same"), ("master_key", "same")],
            "--master-key is also in --client-keys, which every client has",
        ),
        (
            &[("environment", "production"), ("master_key", "mk")],
            "--master-key is shorter than 16 characters, which production does not allow",
        ),
        (
            &[("statement_timeout", "1s"), ("lock_timeout", "2s")],
            "--lock-timeout is longer than --statement-timeout, which ends the statement before",
        ),
        (&[("lockout_duration", "5m")], "--lockout-duration is given without lockout_threshold"),
        (&[("password_pattern_hint", "Digits!")], "--password-pattern-hint is given without password_pattern"),
        (
            &[("session_length", "none"), ("extend_session_on_use", "true")],
            "--extend-session-on-use is true, but with --session-length sessions never end",
        ),
        (&[("s3_region", "eu-central-1")], "--s3-region is given, but file_storage by default is no bucket"),
        (
            &[("file_storage", "s3://b"), ("s3_secret_access_key", "k")],
            "--s3-secret-access-key is given without s3_access_key_id",
        ),
        (
            &[("request_timeout", "1s"), ("lock_timeout", "2s")],
            "--lock-timeout is longer than statement_timeout by default, which ends the statement before",
        ),
    ];
    for (flags, told) in cases {
        assert_eq!(mistakes(flags, &[], None), [*told]);
    }
}

#[test]
fn a_mistake_hides_no_contradiction() {
    let flags = [
        ("environment", "staging"),
        ("master_key_ips", "nowhere"),
        ("master_key", "same"),
        ("read_only_master_key", "same"),
        ("uploaders", "friends"),
        ("s3_region", "eu-central-1"),
        ("password_hash", "md5"),
        ("lockout_duration", "5m"),
    ];
    assert_eq!(
        mistakes(&flags, &[], None),
        [
            "--environment: \"staging\" is not one of development, production",
            "--master-key-ips: \"nowhere\" is not an IP address or network, such as 10.0.0.7 or 10.0.0.0/8",
            "--read-only-master-key is the same as --master-key",
            "--password-hash: \"md5\" is not one of argon2id, bcrypt",
            "--lockout-duration is given without lockout_threshold",
            "--uploaders: \"friends\" is not one of users, anonymous, public",
            "--s3-region is given, but file_storage by default is no bucket",
        ]
    );
}

#[test]
fn the_address_to_listen_on_can_be_a_name() {
    for listen in ["localhost:1337", "api.internal:80", "0.0.0.0:0", "[::]:1337"] {
        assert_eq!(read(&[("listen", listen)], &[], None).unwrap().general.listen, listen);
    }
    for wrong in
        ["localhost", "1337", ":1337", "127.0.0.1.1:1337", "local host:1", "localhost:99999", "::1:80", "a..b:1"]
    {
        let told = mistakes(&[("listen", wrong)], &[], None);
        let what = "is not an address with a port, such as 127.0.0.1:1337, [::1]:1337 or localhost:1337";
        assert_eq!(told, [format!("--listen: {wrong:?} {what}")]);
    }
}

#[test]
fn production_is_closed_unless_told_otherwise() {
    let config = read(&[("environment", "production")], &[], None).unwrap();
    assert!(!config.api.graphiql);
    assert!(matches!(config.api.introspection, Introspection::MasterKeyOnly));
    let config = read(&[("environment", "production"), ("introspection", "everybody")], &[], None).unwrap();
    assert!(matches!(config.api.introspection, Introspection::Everybody));
}

#[test]
fn uploads_follow_the_defaults_of_classes_unless_told_otherwise() {
    let cases: &[(&[(&str, &str)], Uploaders)] = &[
        (&[], Uploaders::USERS),
        (&[("class_defaults", "parse")], Uploaders::EVERYBODY),
        (&[("class_defaults", "parse"), ("uploaders", "users")], Uploaders::USERS),
        (&[("uploaders", "public,anonymous,users")], Uploaders::EVERYBODY),
        (&[("uploaders", "")], Uploaders { public: false, anonymous: false, users: false }),
    ];
    for (flags, uploaders) in cases {
        assert_eq!(read(flags, &[], None).unwrap().files.uploaders, *uploaders, "{flags:?}");
    }
    let denied = read(&[], &[], None).unwrap().files.denied_extensions;
    assert!(denied.contains(&"svg".to_owned()), "{denied:?}");
}

#[test]
fn secrets_are_not_told() {
    let secret = "hunter2";
    let told = [
        mistakes(&[("master_key", " hunter2"), ("client_keys", "hunter2\n,hunter2\t3")], &[], None),
        mistakes(&[("database_url", "mysql://root:hunter2@localhost")], &[], None),
        mistakes(&[], &[], Some("master_key = \"hunter2\nlisten = 1")),
    ];
    for mistakes in told {
        assert!(!mistakes.is_empty());
        assert!(!mistakes.join("\n").contains(secret), "{mistakes:?}");
    }
    let config = read(&[("master_key", secret), ("database_url", "postgres://root:hunter2@h/d")], &[], None).unwrap();
    assert!(!format!("{config:?}").contains(secret));
}

#[test]
fn names_are_spelled_alike_everywhere() {
    for setting in ALL {
        assert!(
            setting.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
            "{}",
            setting.name
        );
        assert!(!setting.help.is_empty(), "{}", setting.name);
    }
    assert_eq!(setting::MASTER_KEY.flag(), "master-key");
    assert_eq!(setting::MASTER_KEY.variable(), "PORTCULLIS_MASTER_KEY");
}

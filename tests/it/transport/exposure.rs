//! Without TLS only this machine is listened to, as a real process.

use super::authority::{Authority, Files};
use crate::harness::{Database, Process, tenure};

#[test]
fn without_tls_an_address_that_others_reach_is_refused_in_one_sentence() {
    let database = Database::sqlite();
    for flag in ["--grpc-addr", "--http-addr", "--metrics-addr"] {
        for address in ["0.0.0.0:0", "[::]:0", "[::ffff:0.0.0.0]:0"] {
            let output = tenure(&database.url(), &format!("serve {flag} {address}"));
            let error = String::from_utf8(output.stderr).unwrap();
            assert!(!output.status.success(), "{flag} {address}");
            assert_eq!(error.trim().lines().count(), 1, "{error}");
            for told in ["has no TLS", "--tls-certificate", "--insecure"] {
                assert!(error.contains(told), "{error}");
            }
        }
    }
}

#[test]
fn told_to_be_insecure_it_listens_and_says_what_is_open() {
    let database = Database::sqlite();
    let url = database.url();
    let process = Process::start_at("0.0.0.0:0", &url, "serve --insecure", "info");
    let warnings = process.told().iter();
    let warnings = warnings.filter(|line| line.contains("insecure") && line.contains("WARN"));
    assert_eq!(warnings.count(), 3);
    assert_eq!(process.terminate().0, Some(0));
}

#[test]
fn with_tls_any_address_is_good() {
    let database = Database::sqlite();
    let files = Files::new(&Authority::new("server"));
    let line = format!(
        "serve --tls-certificate {} --tls-key {}",
        files.path("server.crt").display(),
        files.path("server.key").display()
    );
    let process = Process::start_at("0.0.0.0:0", &database.url(), &line, "info");
    assert_eq!(process.terminate().0, Some(0));
}

#[test]
fn files_that_are_of_no_use_are_told_in_one_sentence() {
    let database = Database::sqlite();
    let files = Files::new(&Authority::new("server"));
    let other = Authority::new("other").server();
    files.write("other.key", &other.key);
    files.write("empty", "");
    for (certificate, key, told) in [
        ("nowhere", "server.key", "cannot read"),
        ("empty", "server.key", "expected a certificate in PEM"),
        ("server.crt", "empty", "expected a private key in PEM"),
        ("server.crt", "other.key", "with its key"),
    ] {
        let (certificate, key) = (files.path(certificate), files.path(key));
        let line = format!(
            "serve --http-addr 127.0.0.1:0 --grpc-addr 127.0.0.1:0 --metrics-addr 127.0.0.1:0 --tls-certificate {} --tls-key {}",
            certificate.display(),
            key.display()
        );
        let output = tenure(&database.url(), &line);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{line}");
        assert_eq!(error.trim().lines().count(), 1, "{error}");
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn the_file_of_settings_names_holders_and_rates_and_says_what_it_cannot_read() {
    let database = Database::sqlite();
    let files = Files::new(&Authority::new("server"));
    let check = |text: &str| {
        let file = files.write("tenure.toml", text);
        let line = format!("serve --check-config --config {}", file.display());
        let output = tenure(&database.url(), &line);
        let error = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), error)
    };
    let good = "[[certificate]]\nid = \"spiffe://example.org/values\"\nname = \"values\"\nrole = \"reader\"\n";
    for text in [
        "",
        good,
        "[rate_limit]\noura = \"1000/h\"\nwithings = \"off\"",
    ] {
        assert_eq!(check(text), (true, String::new()), "{text}");
    }
    for (text, told) in [
        (
            good.replace("spiffe://example.org", "spiffe://"),
            "SPIFFE ID",
        ),
        (
            good.replace("reader", "owner"),
            "reader, writer or operator",
        ),
        (good.replace("name", "nam"), "nam"),
        ("[rate_limit]\noura = \"many\"".to_owned(), "300/h"),
        ("[rate_limit]\n\"O u r a\" = \"1/h\"".to_owned(), "service"),
        ("[nonsense]".to_owned(), "nonsense"),
    ] {
        let (is_good, error) = check(&text);
        assert!(!is_good && error.contains(told), "{text} {error}");
    }
}

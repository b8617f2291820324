//! Exports made by OpenSSL.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use super::*;

/// Runs OpenSSL in `dir`; returns false if it is not installed.
fn openssl(dir: &Path, arguments: &str) -> bool {
    let Ok(output) = Command::new("openssl").args(arguments.split_whitespace()).current_dir(dir).output()
    else {
        return false;
    };
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    true
}

/// Makes a certificate, its issuer and the issuer of that; returns false without OpenSSL.
fn issued(dir: &Path) -> bool {
    let authority = "-addext basicConstraints=critical,CA:true";
    let root = format!(
        "req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN=root -keyout root-key.pem -out root.pem {authority}"
    );
    if !openssl(dir, &root) {
        return false;
    }
    for (name, issuer) in [("middle", "root"), ("own", "middle")] {
        let more = if name == "middle" { authority } else { "" };
        openssl(
            dir,
            &format!(
                "req -new -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}-key.pem -out {name}.csr {more}"
            ),
        );
        openssl(
            dir,
            &format!(
                "x509 -req -days 2 -in {name}.csr -CA {issuer}.pem -CAkey {issuer}-key.pem -out {name}.pem -copy_extensions copy"
            ),
        );
    }
    let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
    // The issuers are in the wrong order, and one certificate does not belong there.
    openssl(dir, "req -x509 -newkey rsa:2048 -nodes -subj /CN=stray -keyout stray-key.pem -out stray.pem");
    fs::write(dir.join("issuers.pem"), [read("root.pem"), read("middle.pem")].concat()).unwrap();
    true
}

#[test]
fn pfx_and_pem_give_the_same_certificate_whatever_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    if !issued(dir) {
        assert!(std::env::var_os("CI").is_none(), "it takes openssl");
        drop(writeln!(std::io::stderr(), "\n*** NOT TESTED: exported certificates: it takes openssl ***\n"));
        return;
    }
    let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
    let export = "pkcs12 -export -inkey own-key.pem -in own.pem -certfile issuers.pem -passout pass: -out";
    openssl(dir, &format!("{export} new.pfx"));
    openssl(dir, &format!("{export} old.pfx -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1"));
    openssl(dir, "pkcs12 -export -nokeys -in own.pem -certfile issuers.pem -passout pass: -out no-key.pfx");
    openssl(dir, "x509 -in own.pem -outform der -out own.der");
    let base64 = |name: &str| STANDARD.encode(fs::read(dir.join(name)).unwrap());
    let pem = [read("own-key.pem"), read("own.pem"), read("issuers.pem")].concat();
    let print = Command::new("openssl")
        .args(["x509", "-in", "own.pem", "-noout", "-fingerprint", "-sha1"])
        .current_dir(dir)
        .output()
        .unwrap();
    let print = String::from_utf8(print.stdout).unwrap().replace(':', "");
    for (value, issuers, has_key) in [
        (base64("new.pfx"), 2, true),
        (base64("old.pfx"), 2, true),
        (pem, 2, true),
        (base64("no-key.pfx"), 2, false),
        ([read("own.pem"), read("stray.pem")].concat(), 0, false),
        (base64("own.der"), 0, false),
    ] {
        let exported = Exported::read(&value).unwrap();
        assert_eq!(exported.certificate(), read("own.pem"));
        let expected = [read("middle.pem"), read("root.pem")].concat();
        assert_eq!(exported.issuers(), if issuers == 2 { expected.as_str() } else { "" });
        assert_eq!(exported.key(), has_key.then(|| read("own-key.pem")));
        assert_eq!((exported.subject.as_str(), exported.ends - exported.begins), ("CN=own", 2 * 86_400));
        assert!(print.trim_end().ends_with(&exported.thumbprint()), "{print}");
    }
    openssl(dir, "rsa -in own-key.pem -traditional -out rsa.pem");
    for (value, error) in [
        ("Managed Identity".to_owned(), ExportError::Malformed),
        (String::new(), ExportError::Malformed),
        (read("own-key.pem"), ExportError::NoCertificate),
        ([read("rsa.pem"), read("own.pem")].concat(), ExportError::Key),
    ] {
        assert_eq!(Exported::read(&value).err(), Some(error), "{error}");
    }
}

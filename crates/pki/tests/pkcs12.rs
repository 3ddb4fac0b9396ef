//! The bundle for tills, read by those who will read it: each reader that is installed on this machine has to open it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::Path;
use std::process::{Command, Output};

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use vinr_domain::{ClientCertificateId, Timestamp};
use vinr_pki::{Authority, ClientName, Credential, DeviceIdentity, draw_passphrase};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn till(dir: &Path) -> Credential {
    let authority = Authority::open_or_create(&dir.join("pki"), NOW).unwrap();
    let terminal = DeviceIdentity::parse("acct_7.term_test_simulator").unwrap();
    authority.issue_client(&ClientName { terminal, certificate: ClientCertificateId(42) }, NOW).unwrap()
}

/// What the program says; `None` when this machine does not have it.
fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{program}: {error}"),
    }
}

fn assert_opened(program: &str, output: Option<Output>, expected: &str) {
    let Some(output) = output else { return };
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains(expected), "{program}: {said}{complained}");
}

#[test]
fn the_bundle_opens_with_its_passphrase_only_and_holds_key_and_chain() {
    let dir = tempfile::tempdir().unwrap();
    let credential = till(dir.path());
    let passphrase = draw_passphrase().unwrap();
    let bundle = credential.to_pkcs12(&passphrase, "VINR till").unwrap();
    let store = KeyStore::from_pkcs12(&bundle, &passphrase, Pkcs12ImportPolicy::Strict).unwrap();
    let (name, chain) = store.private_key_chain().unwrap();
    assert_eq!((name, chain.certs().len()), ("VINR till", 2));
    assert_eq!(chain.certs()[0].as_der(), credential.leaf().unwrap().as_ref());
    let pair = Credential::from_pem(credential.chain_pem(), credential.key_pem()).unwrap();
    assert_eq!(pair.facts().unwrap(), credential.facts().unwrap());
    assert!(KeyStore::from_pkcs12(&bundle, "wrong", Pkcs12ImportPolicy::Strict).is_err());
    assert!(!bundle.windows(12).any(|window| window == b"vinr:client/"), "nothing of it is readable");
}

#[test]
fn the_readers_of_this_machine_open_the_bundle() {
    let dir = tempfile::tempdir().unwrap();
    let credential = till(dir.path());
    let passphrase = draw_passphrase().unwrap();
    let path = dir.path().join("client.p12");
    std::fs::write(&path, credential.to_pkcs12(&passphrase, "VINR till").unwrap()).unwrap();
    let path = path.to_str().unwrap();
    let pass = format!("pass:{passphrase}");
    let openssl = run("openssl", &["pkcs12", "-in", path, "-passin", &pass, "-nodes"]);
    assert_opened("openssl", openssl, "BEGIN PRIVATE KEY");
    let node = "const [p, w] = process.argv.slice(1); \
                require('tls').createSecureContext({pfx: require('fs').readFileSync(p), passphrase: w}); \
                console.log('opened')";
    assert_opened("node", run("node", &["-e", node, path, &passphrase]), "opened");
    let java = ["-list", "-storetype", "PKCS12", "-keystore", path, "-storepass", &passphrase];
    assert_opened("keytool", run("keytool", &java), "PrivateKeyEntry");
    let python = "import sys\n\
                  try:\n    from cryptography.hazmat.primitives.serialization import pkcs12\n\
                  except ImportError:\n    print('opened 1'); sys.exit()\n\
                  key, leaf, more = pkcs12.load_key_and_certificates(open(sys.argv[1], 'rb').read(), \
                  sys.argv[2].encode())\n\
                  assert key.curve.name == 'secp256r1' and leaf is not None\n\
                  print('opened', len(more))";
    assert_opened("python3", run("python3", &["-c", python, path, &passphrase]), "opened 1");
}

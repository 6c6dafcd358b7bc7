//! Both ends of the admin socket, and what strangers to the contract may send.

use appliance_contract::{
    Answer, CertificateFacts, CertificateKind, CertificateSet, CompanyAdd, ContractError, LINE_LIMIT_BYTES, Recovered,
    Refusal, Request, Secret, SetupFacts, State, Status, TurnFacts, TurnStage, UserAdd, decode_answer, decode_request,
    encode_answer, encode_request,
};

const PASSWORD: &str = "Correct-Horse-7";

fn user_add() -> Request {
    Request::UserAdd(UserAdd {
        company: "Acme".to_owned(),
        email: "ada@acme.example".to_owned(),
        password: Secret::new(PASSWORD.to_owned()),
        first_name: Some("Ada".to_owned()),
        last_name: None,
        admin: true,
    })
}

fn text(line: &[u8]) -> String {
    String::from_utf8(line.to_vec()).expect("JSON is UTF-8")
}

#[test]
fn a_request_arrives_as_it_was_sent() {
    let line = encode_request(&user_add()).expect("short");
    assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1, "one line");
    let Request::UserAdd(user) = decode_request(&line).expect("valid") else { panic!("another request") };
    assert_eq!((user.company.as_str(), user.email.as_str(), user.admin), ("Acme", "ada@acme.example", true));
    assert_eq!((user.password.reveal(), user.first_name.as_deref(), user.last_name), (PASSWORD, Some("Ada"), None));
}

#[test]
fn a_newline_in_a_name_stays_inside_the_line() {
    let request = Request::CompanyAdd(CompanyAdd { name: "two\nlines".to_owned(), visibility: None, kind: None });
    let line = encode_request(&request).expect("short");
    assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
    let Request::CompanyAdd(company) = decode_request(&line).expect("valid") else { panic!("another request") };
    assert_eq!(company.name, "two\nlines");
}

#[test]
fn a_status_arrives_as_it_was_sent() {
    let status = Status {
        ready: false,
        state: State::SettingUp,
        setup: Some(SetupFacts {
            code: Secret::new("ABCD-1234".to_owned()),
            fingerprint: "EF:01".to_owned(),
            step: Some("name".to_owned()),
        }),
        version: "0.1.0".to_owned(),
        name: "box.acme.example".to_owned(),
        domain: "acme.example".to_owned(),
        address: "https://box.acme.example".to_owned(),
        urls: vec!["https://192.0.2.7".to_owned()],
        ca_fingerprint: "23:45".to_owned(),
        ca_file: "ca.pem".to_owned(),
        data_folder: "data".to_owned(),
        certificate: CertificateFacts {
            kind: CertificateKind::Uploaded,
            names: vec!["box.acme.example".to_owned()],
            expires_at_ms: 2,
            fingerprint: "AB:CD".to_owned(),
            warnings: Vec::new(),
        },
        companies: 2,
        users: u64::MAX,
        started_at_ms: 1,
        recovered: vec![Recovered { database: "directory".to_owned(), commits: 3, frames: 9, torn_bytes: 70 }],
        backups: Vec::new(),
        turns: vec![TurnFacts {
            database: "directory".to_owned(),
            stage: TurnStage::Stopped,
            pages: 9,
            looked_at: 8,
            pages_resealed: 7,
            file_keys_rewrapped: 0,
            problem: Some("page 3 does not open".to_owned()),
        }],
        warnings: vec!["The root key lies beside the data.".to_owned()],
    };
    assert!(!format!("{status:?}").contains("ABCD-1234"), "the code of a setup is for the console only");
    let line = encode_answer(&Answer::Status(Box::new(status))).expect("short");
    assert!(text(&line).contains("\"setup\":{\"code\":\"ABCD-1234\",\"fingerprint\":\"EF:01\",\"step\":\"name\"}"));
    assert!(text(&line).contains("\"state\":\"setting-up\""), "the state is one word for the box's screen");
    let arrived = decode_answer(&line).expect("valid");
    assert_eq!(*encode_answer(&arrived).expect("short"), *line);
}

#[test]
fn the_wire_form_is_stable() {
    let status = encode_request(&Request::Status).expect("short");
    assert_eq!(text(&status), "{\"version\":1,\"body\":\"status\"}\n");
    let refusal = Refusal { code: "email_in_use".to_owned(), message: "m".to_owned(), what_to_do: "w".to_owned() };
    let refused = encode_answer(&Answer::Refused(refusal)).expect("short");
    assert_eq!(
        text(&refused),
        "{\"version\":1,\"body\":{\"refused\":{\"code\":\"email_in_use\",\"message\":\"m\",\"what_to_do\":\"w\"}}}\n"
    );
}

#[test]
fn secrets_are_not_shown_a2() {
    assert!(!format!("{:?}", user_add()).contains(PASSWORD));
    let upload = CertificateSet {
        chain_file: "chain.pem".to_owned(),
        chain: String::new(),
        key_file: "key.pem".to_owned(),
        key: Secret::new(PASSWORD.to_owned()),
    };
    assert!(!format!("{:?}", Request::CertificateSet(upload)).contains(PASSWORD));
    let answer = Answer::Application { id: "a1".to_owned(), secret: Secret::new(PASSWORD.to_owned()) };
    assert!(!format!("{answer:?}").contains(PASSWORD));
    assert!(format!("{answer:?}").contains("***"));
}

#[test]
fn errors_do_not_repeat_what_was_sent_a2() {
    let misplaced =
        format!("{{\"version\":1,\"body\":{{\"user_add\":{{\"admin\":\"{PASSWORD}\",\"{PASSWORD}\":1}}}}}}\n");
    let error = decode_request(misplaced.as_bytes()).expect_err("a string is no boolean");
    assert!(!format!("{error} {error:?}").contains(PASSWORD), "{error:?}");
}

#[test]
fn oversize_is_refused_in_both_directions() {
    let request = Request::CompanyAdd(CompanyAdd { name: "n".repeat(LINE_LIMIT_BYTES), visibility: None, kind: None });
    assert!(matches!(encode_request(&request), Err(ContractError::TooLong { .. })));
    let mut line = vec![b' '; LINE_LIMIT_BYTES];
    line.push(b'\n');
    assert!(matches!(decode_request(&line), Err(ContractError::TooLong { .. })));
}

#[test]
fn the_longest_allowed_line_is_read() {
    let mut line = b"{\"version\":1,\"body\":\"status\"}".to_vec();
    line.resize(LINE_LIMIT_BYTES - 1, b' ');
    line.push(b'\n');
    assert!(matches!(decode_request(&line), Ok(Request::Status)));
}

#[test]
fn unknown_and_missing_fields_are_refused() {
    for body in [
        "{\"company_add\":{\"name\":\"a\",\"visibility\":null,\"colour\":\"red\"}}",
        "{\"company_add\":{}}",
        "{\"company_add\":{\"name\":7}}",
        "{\"box_destroy\":{}}",
        "{\"company_add\":{\"name\":\"a\"},\"status\":null}",
        "7",
    ] {
        let line = format!("{{\"version\":1,\"body\":{body}}}\n");
        assert!(matches!(decode_request(line.as_bytes()), Err(ContractError::Malformed { .. })), "{body}");
    }
    let outer = "{\"version\":1,\"body\":\"status\",\"more\":1}\n";
    assert!(matches!(decode_request(outer.as_bytes()), Err(ContractError::Malformed { .. })));
}

#[test]
fn another_version_is_told_as_such_even_when_its_body_is_unknown() {
    let error =
        decode_request(b"{\"version\":2,\"body\":{\"moon_add\":{}},\"trace\":1}\n").expect_err("a later version");
    assert!(matches!(error, ContractError::OtherVersion { theirs: 2 }));
    assert!(error.to_string().contains("restart the box"), "{error}");
}

#[test]
fn garbage_is_an_error_not_a_panic() {
    for line in [
        &b""[..],
        b"\n",
        b"{",
        b"{}\n",
        b"\xff\xfe\n",
        b"null\n",
        b"{\"version\":-1}\n",
        b"{\"version\":1,\"body\":\"status\"}",
    ] {
        assert!(decode_request(line).is_err(), "{line:?}");
    }
    let deep = [vec![b'['; 60_000], b"\n".to_vec()].concat();
    assert!(decode_request(&deep).is_err(), "nesting is bounded");
}

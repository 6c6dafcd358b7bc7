use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::{Certificate, tls};

const NAME: &str = "edge.test";

/// Both ends of a connection, by a wire that holds so many bytes; the far one is the library's own stream.
async fn shake_hands(
    versions: &[&'static SupportedProtocolVersion],
    wire_bytes: usize,
) -> (Secured<DuplexStream>, TlsStream<DuplexStream>) {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).expect("a certificate");
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let certificate = Certificate::from_pem(chain.as_bytes(), key.as_bytes()).expect("a pair");
    let server = tls::server_config(certificate, vec![b"one".to_vec(), b"two".to_vec()]).expect("a configuration");
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("a certificate");
    let mut client = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .expect("known versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![b"two".to_vec()];
    let (near, far) = duplex(wire_bytes);
    let name = ServerName::try_from(NAME).expect("a name");
    let connecting = TlsConnector::from(Arc::new(client)).connect(name, far);
    let (near, far) = tokio::join!(Secured::accept(near, server), connecting);
    (near.expect("hands are shaken"), far.expect("hands are shaken"))
}

fn letters(count: usize) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(count).collect()
}

fn exported(client: &ClientConnection) -> [u8; 32] {
    let label = b"EXPORTER-Channel-Binding";
    client.export_keying_material([0; 32], label, Some(&[])).expect("after the handshake")
}

#[tokio::test]
async fn both_ends_of_tls_1_3_export_the_same_binding_and_of_1_2_there_is_none() {
    for _ in 0..3 {
        let (near, far) = shake_hands(&[&TLS13], 64 * 1024).await;
        assert_eq!(near.binding(), Some(exported(far.get_ref().1)));
        assert_eq!(near.alpn(), Some(&b"two"[..]));
    }
    let (near, _far) = shake_hands(&[&TLS12], 64 * 1024).await;
    assert_eq!(near.binding(), None);
}

#[tokio::test]
async fn what_one_end_writes_the_other_reads_however_the_wire_cuts_it() {
    for (versions, wire_bytes) in [([&TLS13], 1001), ([&TLS13], 100_000), ([&TLS12], 1001)] {
        let (near, far) = shake_hands(&versions, wire_bytes).await;
        let ((mut near_in, mut near_out), (mut far_in, mut far_out)) = (tokio::io::split(near), tokio::io::split(far));
        let text = letters(200_000);
        let (mut at_far, mut at_near) = (vec![0; text.len()], vec![0; text.len()]);
        let near_writes = async {
            near_out.write_all(&text).await?;
            near_out.flush().await
        };
        let far_writes = async {
            far_out.write_all(&text).await?;
            far_out.flush().await
        };
        let read =
            tokio::try_join!(near_writes, far_writes, far_in.read_exact(&mut at_far), near_in.read_exact(&mut at_near));
        read.expect("nothing is refused");
        assert!(at_far == text && at_near == text, "{wire_bytes}");
    }
}

#[tokio::test]
async fn an_idle_connection_keeps_no_buffer_e5() {
    let (mut near, mut far) = shake_hands(&[&TLS13], 64 * 1024).await;
    let (text, mut read) = (letters(40_000), vec![0; 40_000]);
    far.write_all(&text).await.expect("there is room");
    far.flush().await.expect("there is room");
    near.read_exact(&mut read).await.expect("it came");
    near.write_all(&text).await.expect("there is room");
    near.flush().await.expect("there is room");
    far.read_exact(&mut read).await.expect("it came");
    let kept = near.incoming.capacity() + near.opened.capacity() + near.outgoing.capacity();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn slices_are_written_in_order_and_small_ones_share_a_record() {
    let (mut near, mut far) = shake_hands(&[&TLS13], 64 * 1024).await;
    let slices = [b"".as_slice(), b"one ", b"", b"two ", b"three"].map(io::IoSlice::new);
    assert_eq!(near.write_vectored(&slices).await.expect("there is room"), 13);
    let mut read = [0; 64];
    assert_eq!(far.read(&mut read).await.expect("it came"), 13, "one record");
    assert_eq!(&read[..13], b"one two three");
    let great = letters(RECORD_BYTES - 1);
    let slices = [b"x".as_slice(), &great, b"yz"].map(io::IoSlice::new);
    assert_eq!(near.write_vectored(&slices).await.expect("there is room"), RECORD_BYTES);
    assert_eq!(near.write_vectored(&[]).await.expect("nothing to do"), 0);
}

#[tokio::test]
async fn each_end_takes_its_leave_and_a_cut_connection_is_an_error() {
    let (mut near, mut far) = shake_hands(&[&TLS13], 64 * 1024).await;
    far.write_all(b"last words").await.expect("there is room");
    far.shutdown().await.expect("it closes");
    let mut all = Vec::new();
    near.read_to_end(&mut all).await.expect("closed in order");
    assert_eq!(all, b"last words");
    near.write_all(b"answer").await.expect("this end may still write");
    near.shutdown().await.expect("it closes");
    let refused = near.write_all(b"more").await.expect_err("this end has closed");
    assert_eq!(refused.kind(), io::ErrorKind::BrokenPipe);
    drop(near);
    let mut all = Vec::new();
    far.read_to_end(&mut all).await.expect("closed in order");
    assert_eq!(all, b"answer");

    let (mut near, far) = shake_hands(&[&TLS13], 64 * 1024).await;
    let (wire, _) = far.into_inner();
    drop(wire);
    let cut = near.read(&mut [0; 8]).await.expect_err("no close_notify came");
    assert_eq!(cut.kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn a_record_that_does_not_verify_is_an_error_that_the_peer_is_told_of() {
    let (mut near, far) = shake_hands(&[&TLS13], 64 * 1024).await;
    let (mut wire, mut session) = far.into_inner();
    let mut forged = vec![0x17, 3, 3, 0, 40];
    forged.extend([7; 40]);
    wire.write_all(&forged).await.expect("there is room");
    let refused = near.read(&mut [0; 8]).await.expect_err("the record is forged");
    assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
    let mut told = vec![0; 1024];
    let length = wire.read(&mut told).await.expect("an alert");
    session.read_tls(&mut &told[..length]).expect("bytes");
    let alert = session.process_new_packets().expect_err("an alert");
    assert!(matches!(alert, rustls::Error::AlertReceived(_)), "{alert}");
}

#[tokio::test]
async fn keys_are_changed_when_the_peer_asks_for_it() {
    let (mut near, far) = shake_hands(&[&TLS13], 64 * 1024).await;
    let (mut wire, mut session) = far.into_inner();
    session.refresh_traffic_keys().expect("after the handshake");
    io::Write::write_all(&mut session.writer(), b"under new keys").expect("there is room");
    let mut bytes = Vec::new();
    while session.wants_write() {
        session.write_tls(&mut bytes).expect("memory");
    }
    wire.write_all(&bytes).await.expect("there is room");
    let mut read = [0; 14];
    near.read_exact(&mut read).await.expect("it came");
    assert_eq!(&read, b"under new keys");
    near.write_all(b"these too").await.expect("there is room");
    let mut told = vec![0; 4096];
    let length = wire.read(&mut told).await.expect("records");
    session.read_tls(&mut &told[..length]).expect("bytes");
    session.process_new_packets().expect("they verify");
    let mut read = [0; 9];
    io::Read::read_exact(&mut session.reader(), &mut read).expect("it came");
    assert_eq!(&read, b"these too");
}

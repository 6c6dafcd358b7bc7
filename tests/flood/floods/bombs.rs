//! Small texts that are meant to become large work: entities, depth, crowds of attributes.

use crate::attacker::{Act, Attacker, Flood, OPEN, SOURCES, TEXT, frame, status, until_cut};
use std::fmt::Write as _;
use tokio::io::AsyncWriteExt as _;

/// In stanzas, by strangers and by somebody who has signed in.
pub(crate) const XML: Flood = Flood { name: "XML bombs", attackers: 38, sources: SOURCES, acts_min: 30, act: xml };

/// In bodies, by the same.
pub(crate) const JSON: Flood = Flood { name: "JSON bombs", attackers: 38, sources: SOURCES, acts_min: 30, act: json };

fn xml(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        let signed_in = attacker.chance.bits().is_multiple_of(2);
        let stream = if signed_in { attacker.insiders_stream().await } else { attacker.websocket().await };
        let Some(mut stream) = stream else { return };
        let bomb = xml_bomb(attacker.chance.between(0, 8));
        if !signed_in && stream.write_all(&frame(TEXT, OPEN.as_bytes())).await.is_err() {
            return;
        }
        if stream.write_all(&frame(TEXT, bomb.as_bytes())).await.is_ok() {
            attacker.acted();
        }
        // What is refused ends the stream; what is taken waits for its end.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(1), until_cut(&mut stream)).await;
        attacker.pause(20, 150).await;
    })
}

fn xml_bomb(number: u64) -> String {
    let message =
        |content: &str| format!("<message xmlns='jabber:client' type='chat' id='x' to='edge.test'>{content}</message>");
    match number {
        // A billion laughs.
        0 => {
            let mut text = "<?xml version='1.0'?><!DOCTYPE m [<!ENTITY a0 'ha'>".to_owned();
            for level in 1..10 {
                let before = format!("&a{};", level - 1).repeat(10);
                let _ = write!(text, "<!ENTITY a{level} '{before}'>");
            }
            text + "]><message xmlns='jabber:client'><body>&a9;</body></message>"
        }
        1 => "<!DOCTYPE m [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><message xmlns='jabber:client'><body>&f;</body></message>"
            .to_owned(),
        // One level more than the frame's limit lets in, and as many as it lets in.
        2 => "<a>".repeat(100_000),
        3 => message(&format!("{}{}", "<a>".repeat(37_000), "</a>".repeat(37_000))),
        // Ten thousand attributes: each must be told from each other.
        4 => {
            let mut attributes = String::new();
            for number in 0..10_000 {
                let _ = write!(attributes, " a{number}='b'");
            }
            message(&format!("<x{attributes}/>"))
        }
        5 => message(&"<x xmlns:n='urn:n'/>".repeat(10_000)),
        6 => message(&format!("<body>{}</body>", "&#x10FFFF;".repeat(20_000))),
        _ => message(&"<b/>".repeat(50_000)),
    }
}

fn json(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        let Some(mut stream) = attacker.tls(&["http/1.1"]).await else { return };
        let signed_in = !attacker.chance.bits().is_multiple_of(4);
        let token = if signed_in { attacker.knowledge.insider.token.clone() } else { "none".to_owned() };
        let users = "/api/rainbow/enduser/v1.0/users";
        let own = attacker.knowledge.insider.id().to_owned();
        let (method, path) = match attacker.chance.between(0, 4) {
            0 => ("POST", format!("{users}/ids")),
            1 => ("POST", format!("{users}/jids")),
            2 => ("PUT", format!("{users}/{own}/settings")),
            _ => ("POST", format!("{users}/{own}/conversations")),
        };
        let body = json_bomb(attacker.chance.between(0, 6));
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(body.as_bytes()).await;
        let status = status(&mut stream).await;
        assert!(status != Some(500), "{method} {path}: a bomb is the sender's fault, not {status:?}");
        if status.is_some() {
            attacker.acted();
        }
        attacker.pause(20, 150).await;
    })
}

fn json_bomb(number: u64) -> String {
    match number {
        0 => "[".repeat(100_000),
        1 => format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        2 => format!("{}1{}", "{\"ids\":".repeat(100_000), "}".repeat(100_000)),
        3 => format!("[{}1]", "1,".repeat(400_000)),
        4 => format!("{{\"ids\":[{}\"a\"]}}", "\"a\",".repeat(200_000)),
        _ => format!("{{{}\"z\":1e999999}}", "\"k\":9,".repeat(100_000)),
    }
}

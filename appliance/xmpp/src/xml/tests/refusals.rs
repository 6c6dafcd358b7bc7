//! One refusal per fault.

use super::{LIMIT_BYTES, parsed};
use crate::xml::{ATTRIBUTES_MAX, DEPTH_MAX, Element, NODES_MAX, ParseError, parse};

fn refused(frame: &str) -> ParseError {
    refused_bytes(frame.as_bytes())
}

fn refused_bytes(frame: &[u8]) -> ParseError {
    parse(frame, LIMIT_BYTES).expect_err("the frame must be refused")
}

#[test]
fn the_parts_of_xml_that_xmpp_leaves_out_are_refused_e5() {
    let cases = [
        ("<!DOCTYPE a><a/>", ParseError::DocumentType),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ParseError::DocumentType),
        ("<!DOCTYPE a", ParseError::DocumentType),
        ("<?xml version='1.0'?><a/>", ParseError::ProcessingInstruction),
        ("<a><?php x?></a>", ParseError::ProcessingInstruction),
        ("<a><!-- x --></a>", ParseError::Comment),
        ("<a><!-- x </a>", ParseError::Comment),
        ("<a>&nbsp;</a>", ParseError::UndefinedEntity),
        ("<a b='&nbsp;'/>", ParseError::UndefinedEntity),
        ("<a>&amp</a>", ParseError::UndefinedEntity),
        ("<a b='&amp'/>", ParseError::UndefinedEntity),
        ("<a>&#;</a>", ParseError::UndefinedEntity),
        ("<a>&#+65;</a>", ParseError::UndefinedEntity),
    ];
    for (frame, expected) in cases {
        let error = refused(frame);
        assert_eq!(error, expected, "{frame}");
        assert!(error.is_restricted() && !error.is_limit(), "{frame}");
    }
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_own_reason() {
    let cases = [
        ("", ParseError::Empty),
        (" \n", ParseError::Empty),
        ("<a/><a/>", ParseError::TrailingContent),
        ("<a/>x", ParseError::TrailingContent),
        ("x<a/>", ParseError::TrailingContent),
        ("&lt;<a/>", ParseError::TrailingContent),
        ("<![CDATA[ ]]><a/>", ParseError::TrailingContent),
        ("<a>", ParseError::Unclosed),
        ("<a></b>", ParseError::MismatchedTag),
        ("</a>", ParseError::MismatchedTag),
        ("<a b='1' b='2'/>", ParseError::DuplicateAttribute),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", ParseError::DuplicateAttribute),
        ("<a xmlns='u' xmlns='v'/>", ParseError::DuplicateAttribute),
        ("<p:a/>", ParseError::UnboundPrefix),
        ("<a p:b='1'/>", ParseError::UnboundPrefix),
        ("<a><p:b xmlns:p='u'/><p:c/></a>", ParseError::UnboundPrefix),
        ("<a xmlns:xml='urn:x'/>", ParseError::ReservedNamespace),
        ("<a xmlns:xmlns='urn:x'/>", ParseError::ReservedNamespace),
        ("<a xmlns:p=''/>", ParseError::ReservedNamespace),
        ("<xml:a/>", ParseError::ReservedNamespace),
        ("<1a/>", ParseError::IllegalName),
        ("<a:b:c/>", ParseError::IllegalName),
        ("<a 1='2'/>", ParseError::IllegalName),
        ("<a>\u{1}</a>", ParseError::IllegalCharacter),
        ("<a>\u{ffff}</a>", ParseError::IllegalCharacter),
        ("<a>&#0;</a>", ParseError::IllegalCharacter),
        ("<a b='&#xD800;'/>", ParseError::IllegalCharacter),
        ("<a>&#99999999999;</a>", ParseError::IllegalCharacter),
    ];
    for (frame, expected) in cases {
        assert_eq!(refused(frame), expected, "{frame}");
    }
    for frame in ["<a b/>", "<a b=1/>", "<a b='<'/>", "<a>]]></a>", "<a", "<![X[", "<>"] {
        let error = refused(frame);
        assert!(!error.is_restricted() && !error.is_limit(), "{frame}: {error}");
    }
    assert_eq!(refused_bytes(b"<a>\xff</a>"), ParseError::NotUtf8);
    assert_eq!(refused_bytes(b"<a>\xed\xa0\x80</a>"), ParseError::NotUtf8);
}

#[test]
fn each_limit_holds_at_its_very_number_e5() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    parsed(&nested(DEPTH_MAX));
    assert_eq!(refused(&nested(DEPTH_MAX + 1)), ParseError::TooDeep);

    let wide = |nodes: usize| format!("<a>{}</a>", "<b/>".repeat(nodes - 1));
    parsed(&wide(NODES_MAX));
    assert_eq!(refused(&wide(NODES_MAX + 1)), ParseError::TooManyNodes);

    let with_attributes = |count: usize| {
        let attributes: String = (0..count).map(|number| format!(" a{number}='1'")).collect();
        format!("<a{attributes}/>")
    };
    parsed(&with_attributes(ATTRIBUTES_MAX));
    let error = refused(&with_attributes(ATTRIBUTES_MAX + 1));
    assert_eq!(error, ParseError::TooManyAttributes);
    assert!(error.is_limit());

    let frame = Element::client("a").to_xml();
    assert!(parse(frame.as_bytes(), frame.len()).is_ok());
    assert_eq!(
        parse(frame.as_bytes(), frame.len() - 1),
        Err(ParseError::TooLarge { size_bytes: frame.len(), limit_bytes: frame.len() - 1 })
    );
}

#[test]
fn reasons_never_repeat_what_the_client_wrote_f2() {
    for frame in ["<secret></other>", "<a>&secret;</a>", "<secret:a/>", "<secret"] {
        assert!(!refused(frame).to_string().contains("secret"), "{frame}");
    }
}

#[test]
fn a_frame_that_is_much_larger_when_it_is_written_out_is_refused_e5() {
    let long = "n".repeat(2_000);
    let grows = |frame: &str| parse(frame.as_bytes(), 16 * 1024) == Err(ParseError::GrowsTooMuch);
    assert!(grows(&format!("<a xmlns:p='{long}'>{}</a>", "<p:b/><c/>".repeat(300))), "a prefix for a long namespace");
    assert!(grows(&format!("<a xmlns:p='{long}'><b {}/></a>", "p:a='' p:b='' p:c='' p:d='' p:e='' p:f='' p:g=''")));
    assert!(grows(&format!("<a xmlns='{long}'>{}</a>", "<b/>".repeat(600))), "held by each of the children");
    assert!(grows(&format!("<a><![CDATA[{}]]></a>", "&".repeat(7_000))), "written with five characters each");
    assert!(grows(&format!("<a b='{}'/>", "\"".repeat(7_000))));
    assert!(grows(&format!("<a xmlns='{}'/>", "\"".repeat(7_000))), "of a namespace too");
    let plain =
        format!("<a><![CDATA[{}]]>{}</a>", "x && y; ".repeat(200), "<b xmlns='urn:xmpp:bookmarks:1'/>".repeat(200));
    assert!(parse(plain.as_bytes(), 16 * 1024).is_ok(), "what clients write");
}

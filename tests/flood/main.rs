//! Fifty people write to one another, ask for things and sign in while strangers flood the box, one way after another
//! and then in all ways together (E5).

mod attacker;
mod floods;
mod footprint;
mod ledger;
mod office;
mod user;

use attacker::Flood;
use floods::{bombs, connections, guesses, http1, http2, websocket};
use office::office;

macro_rules! floods {
    ($($test:ident $($flood:ident)::+;)*) => {
        const ALL: &[Flood] = &[$($($flood)::+),*];
        $(#[test] fn $test() { let _course = office().endures(&[$($flood)::+]); })*
    };
}

floods! {
    users_are_served_while_strangers_connect_and_say_nothing_e5         connections::SILENT;
    users_are_served_while_handshakes_stop_half_way_e5                  connections::HALF_OPEN;
    users_are_served_while_strangers_connect_and_hang_up_e5             connections::HASTY;
    users_are_served_while_strangers_only_shake_hands_e5                connections::HANDSHAKES;
    users_are_served_while_the_redirecting_port_is_flooded_e5           connections::REDIRECTED;
    users_are_served_while_heads_come_byte_by_byte_e5                   http1::SLOW_HEADS;
    users_are_served_while_bodies_come_byte_by_byte_e5                  http1::SLOW_BODIES;
    users_are_served_while_heads_are_far_too_large_e5                   http1::OVERSIZE_HEADS;
    users_are_served_while_bodies_are_far_too_large_e5                  http1::OVERSIZE_BODIES;
    users_are_served_while_bodies_are_held_before_their_last_byte_e5    http1::HELD_BODIES;
    users_are_served_while_answers_are_not_read_e5                      http1::UNREAD;
    users_are_served_while_http2_frames_do_harm_e5                      http2::FRAMES;
    users_are_served_while_websockets_stay_silent_e5                    websocket::SILENT;
    users_are_served_while_websocket_frames_do_harm_e5                  websocket::FRAMES;
    users_are_served_while_passwords_of_all_are_guessed_from_one_a5_e5  guesses::PASSWORDS_OF_ALL;
    users_are_served_while_one_password_is_guessed_from_all_a5_e5       guesses::PASSWORDS_OF_ONE;
    users_are_served_while_tokens_are_guessed_e5                        guesses::TOKENS;
    users_are_served_while_xmpp_secrets_are_guessed_e5                  guesses::SECRETS;
    users_are_served_while_stanzas_are_bombs_e5                         bombs::XML;
    users_are_served_while_bodies_are_bombs_e5                          bombs::JSON;
}

#[test]
fn users_are_served_while_everything_comes_at_once_e5() {
    office().endures_again(ALL);
}

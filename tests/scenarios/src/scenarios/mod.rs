//! The scenarios, by what they look at. A scenario owns the users it makes, so that all may run at the same time.

mod access;
mod accounts;
mod edges;
mod gateway;
mod hostile;
mod images;
mod isolation;
mod listing;
mod passkeys;
mod photos;
mod recovery;
pub mod refusals;
mod renditions;
mod ring;
pub mod sessions;
mod twice;
mod uploads;

use crate::{Scenario, scenarios};

/// Every scenario.
#[must_use]
pub fn all() -> Vec<Scenario> {
    scenarios![
        access::a_missing_token_is_asked_for,
        access::a_garbage_token_is_refused,
        [secrets] access::an_expired_token_is_refused,
        [secrets] access::a_token_not_yet_valid_is_refused,
        [secrets] access::a_token_of_another_issuer_or_audience_is_refused,
        [secrets] access::a_token_signed_by_another_key_is_refused,
        [secrets] access::a_token_of_another_algorithm_is_refused,
        accounts::registering_gives_an_account_and_a_token,
        accounts::login_works_by_handle_and_by_email,
        accounts::me_is_the_account_of_the_token,
        accounts::a_taken_handle_or_email_is_a_conflict,
        accounts::a_wrong_password_and_an_unknown_login_look_alike,
        accounts::fields_that_break_a_rule_are_named,
        accounts::a_body_that_is_no_json_is_refused,
        accounts::another_content_type_is_refused,
        accounts::an_oversized_body_is_refused,
        edges::an_unknown_route_is_a_problem,
        [Host] edges::an_unknown_route_of_the_app_is_a_problem,
        edges::an_unknown_method_is_a_problem_that_lists_the_known,
        edges::private_routes_are_closed_to_the_outside,
        edges::a_request_id_comes_back,
        edges::broken_text_in_a_path_or_query_is_refused,
        [Host] edges::an_oversized_header_is_a_problem,
        edges::a_huge_header_is_refused,
        edges::a_request_that_is_no_http_is_refused,
        edges::http2_is_spoken_without_asking,
        gateway::no_spelling_of_a_private_path_gets_through,
        gateway::a_claim_in_a_header_makes_nobody_another,
        gateway::every_answer_tells_browsers_what_not_to_do,
        [secrets] gateway::other_sites_may_call_if_they_are_allowed,
        [secrets] gateway::a_cookie_is_taken_from_this_site_only,
        gateway::a_session_that_was_ended_is_refused_within_a_second,
        gateway::etags_and_head_pass,
        gateway::a_large_body_streams_while_others_are_answered,
        gateway::an_answer_to_a_token_is_for_no_shared_cache,
        hostile::no_text_of_auth_takes_what_breaks_texts,
        hostile::no_text_of_an_address_takes_what_breaks_texts,
        hostile::json_that_is_too_deep_or_too_long_is_refused,
        [secrets] hostile::no_answer_and_no_mail_leads_elsewhere,
        hostile::a_session_that_was_planted_is_not_taken_on,
        images::a_rendition_is_immutable_and_has_a_strong_etag,
        images::a_known_etag_is_answered_with_304,
        images::head_tells_the_same_without_a_body,
        images::an_unknown_image_is_not_found,
        images::other_methods_are_refused,
        isolation::two_users_through_one_instance_see_only_their_own,
        isolation::two_uploads_at_once_stay_apart,
        listing::photos_are_listed_newest_first_by_pages,
        listing::a_tampered_cursor_is_refused,
        listing::a_senseless_limit_is_refused,
        listing::another_users_photo_does_not_exist,
        passkeys::a_passkey_logs_in_without_a_password,
        passkeys::an_answer_counts_once_and_a_copy_not_at_all,
        photos::a_form_brings_a_picture_and_what_is_said_about_it,
        photos::a_photo_is_seen_by_those_who_may,
        photos::a_photo_is_changed_deleted_and_restored,
        photos::an_original_comes_back_to_its_owner_as_it_was_sent,
        refusals::what_is_no_picture_is_rejected,
        refusals::a_truncated_picture_is_rejected,
        refusals::a_bomb_is_rejected,
        refusals::an_empty_upload_is_turned_down,
        [secrets] recovery::an_address_is_verified_by_mail,
        [secrets] recovery::a_password_is_reset_by_mail,
        recovery::nobody_learns_whether_an_address_is_known,
        renditions::a_photo_gets_its_five_sizes,
        renditions::renditions_are_the_same_in_wasm,
        renditions::every_orientation_comes_out_upright,
        renditions::no_metadata_is_left,
        renditions::a_small_picture_is_never_enlarged,
        renditions::transparency_is_kept,
        renditions::a_tall_picture_fits_inside,
        ring::the_bell_needs_its_token,
        ring::the_bell_rings,
        sessions::a_refresh_gives_the_next_tokens_of_a_session,
        sessions::a_session_that_is_revoked_is_refused,
        sessions::a_hundred_refreshes_at_once_leave_the_session_alive,
        sessions::a_browser_gets_cookies_that_no_script_reads,
        sessions::tokens_are_signed_by_a_key_that_is_published,
        sessions::a_deleted_account_takes_its_photos_along,
        [secrets] sessions::an_api_key_becomes_a_token_of_its_scopes,
        twice::an_upload_that_is_sent_twice_is_one_photo,
        twice::of_many_uploads_with_one_key_one_is_taken,
        twice::an_upload_that_broke_off_can_be_sent_again_soon,
        twice::a_key_that_is_none_is_refused,
        twice::a_photo_is_sent_again_only_when_it_has_changed,
        uploads::a_photo_is_accepted_and_then_processed,
        uploads::a_body_of_unknown_length_is_streamed,
        uploads::a_client_that_stops_half_way_leaves_nothing,
        uploads::a_declared_length_beyond_the_limit_is_refused_at_once,
        [secrets] uploads::a_streamed_body_beyond_the_limit_is_refused,
        uploads::a_body_that_is_said_to_be_no_picture_is_refused,
        uploads::an_upload_needs_a_token,
        uploads::a_title_is_kept_as_it_was_written,
        uploads::a_title_beyond_the_limit_is_refused,
    ]
}

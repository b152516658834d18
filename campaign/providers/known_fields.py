"""The fields of webhooks that we know, object by object: whatever else comes is counted under its name.

Source: platform.md D.2 to D.5. What a field does is told in docs/webhooks.md; one that does nothing is kept with the
raw body.
"""

from collections.abc import Mapping

MOST_UNKNOWN = 20
"""Unknown fields of one object that are counted; a body of nothing else is no news."""

VALUE_FIELDS = frozenset(
    {"messaging_product", "metadata", "contacts", "messages", "statuses", "errors", "user_preferences", "meta"}
)
"""Of the value of a change, and of a flat body."""

STATUS_FIELDS = frozenset(
    {"id", "status", "timestamp", "recipient_id", "recipient_user_id", "biz_opaque_callback_data", "pricing", "errors"}
    | {"conversation", "type", "message", "parent_recipient_user_id", "recipient_type", "recipient_participant_id"}
    | {"recipient_identity_key_hash"}
)
"""Of one of `statuses`; the second and third line are known and do nothing."""

PRICING_FIELDS = frozenset({"category", "billable", "pricing_model", "type"})
"""Of the price in a status."""

MESSAGE_FIELDS = frozenset(
    {"id", "type", "timestamp", "from", "from_user_id", "context", "errors"}
    | {"from_parent_user_id", "group_id", "referral", "identity"}
)
"""Of one of `messages`, beside the one named like its type; the second line is known and does nothing."""

PREFERENCE_FIELDS = frozenset(
    {"wa_id", "user_id", "value", "timestamp", "category"} | {"detail", "parent_user_id", "signup_id"}
)
"""Of one of `user_preferences`; the second set is known and does nothing."""

_TEMPLATE = frozenset({"message_template_id", "message_template_name", "message_template_language"})
_LIMITS = frozenset(
    {"max_daily_conversations_per_business", "max_daily_conversation_per_phone", "current_limit", "old_limit"}
)

NOTICE_FIELDS: Mapping[str, frozenset[str]] = {
    "message_template_status_update": _TEMPLATE
    | {"event", "reason", "message_template_category", "other_info", "disable_info", "rejection_info"},
    "message_template_quality_update": _TEMPLATE | {"previous_quality_score", "new_quality_score"},
    "message_template_components_update": _TEMPLATE
    | {"message_template_element", "message_template_title", "message_template_footer", "message_template_buttons"},
    "template_category_update": _TEMPLATE
    | {"previous_category", "new_category", "correct_category", "category_update_timestamp"},
    "phone_number_quality_update": _LIMITS | {"display_phone_number", "event"},
    "business_capability_update": _LIMITS | {"max_phone_numbers_per_business", "max_phone_numbers_per_waba"},
    "account_update": frozenset({"event", "restriction_info", "ban_info", "violation_info", "phone_number"}),
    "account_alerts": frozenset(
        {"entity_type", "entity_id", "alert_info", "alert_severity", "alert_status", "alert_type", "alert_description"}
    ),
    "user_preferences": frozenset({"messaging_product", "metadata", "contacts", "user_preferences"}),
}
"""Of what is told of templates, numbers, accounts and wishes, by the name of the change; its other changes are counted
whole."""

"""The pages of settings: people, API keys, who changed what, this installation, and one's own."""

from unisono.console.area import Pages
from unisono.console.settings import installation, keys, me, people, trail

pages = Pages(
    name="settings",
    routes=(
        people.open_settings,
        people.list_people,
        people.new_person,
        people.add_person,
        people.show_person,
        people.change_person,
        people.switch_person,
        people.set_password,
        people.end_sessions,
        keys.list_keys,
        keys.new_key,
        keys.add_key,
        keys.ask_rotation,
        keys.rotate_key,
        keys.ask_end,
        keys.end_key,
        trail.list_trail,
        installation.show_installation,
        me.show_me,
        me.change_password,
        me.sign_out_everywhere,
    ),
)

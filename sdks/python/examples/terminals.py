"""Every call of the reference page of terminals. With VINR_ACTIVATION_CODE, the code that a device shows, that device is activated;
without it a terminal for tests is made."""
from __future__ import annotations

import os
import time
from typing import Optional

import vinr


def terminal_of(client: vinr.Client, code: Optional[str], location: vinr.Location) -> str:
    """The terminal to look after."""
    if code is None:
        return client.test_helpers.terminals.create(model="nexgo_n92", location_id=location.id).id
    terminal = client.terminals.activate(activation_code=code, location_id=location.id)
    print("activated:", terminal.model, terminal.location_id == location.id)
    return terminal.id


def main() -> None:
    """Activate, retrieve, update, list, configure, act; and configure a whole location."""
    code = os.environ.get("VINR_ACTIVATION_CODE")
    with vinr.Client(secret_key=os.environ["VINR_SECRET_KEY"]) as client:
        location = client.locations.create(display_name="Acme Coffee", time_zone="Europe/Berlin")
        id = terminal_of(client, code, location)

        terminal = client.terminals.retrieve(id)
        print("retrieved:", terminal.model, terminal.location_id == location.id)
        terminal = client.terminals.update(id, location_id=location.id, display_name="Counter 3")
        print("updated:", terminal.display_name)
        found = [one.id for one in client.terminals.list(location_id=location.id, limit=10)]
        print("listed:", found == [id])

        configured = client.terminals.configure(
            id,
            tip={"mode": "percentage", "suggestions": [10, 15, 20]},
            receipt={"channels": ["print", "sms"], "require_consent": True},
            display={"idle_message": "Welcome to Acme Coffee"},
            offline_mode={"enabled": True, "max_amount": 5000, "max_queue": 50},
        )
        print("configured:", isinstance(configured, vinr.Terminal))
        config = client.terminals.retrieve_effective_config(id).config
        print("effective:", config.display.idle_message.value)

        client.locations.update_terminal_config(
            location.id,
            tip={"mode": "percentage", "suggestions": [10, 15, 20]},
            receipt={"channels": ["print"], "require_consent": False},
            display={"idle_message": "Welcome"},
            offline_mode={"enabled": True, "max_amount": 5000, "max_queue": 50},
        )
        progress = client.locations.retrieve_terminal_config_status(location.id)
        print("location:", progress.applied + progress.pending)

        action = client.terminals.send_action(id, action="reboot")
        print("action:", action.action, action.terminal_id == id)
        if code is None:
            while client.terminals.retrieve_action(id, action.id).status in ("queued", "processing"):
                time.sleep(0.2)
            client.test_helpers.terminals.delete(id)
            client.locations.delete(location.id)


if __name__ == "__main__":
    main()

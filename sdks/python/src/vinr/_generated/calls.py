"""The calls of `Client`. Written by scripts/generate.py; not edited by hand."""
from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Mapping, Optional, Sequence, Union, cast

from .._local import Asked, Connectivity, LocalPayments, Readers
from .._paging import Page
from .._resource import Resource, checked_reference, either, made, newest
from .._settings import NOT_GIVEN, CallOptions, NotGiven, Settings
from .._stream import EventStream
from .._transport import Transport
from . import models, operations, pages
from .params import AddressParams, CashlessApiParams, CreatedParams, DisplayParams, LocalApiParams, OfflineModeParams, PutCashlessParams, PutLocalApiParams, ReceiptParams, TipParams, UpdateOfflineCapParams, UpdateWebhookPolicyParams

if TYPE_CHECKING:
    from typing_extensions import Unpack


class TerminalPaymentsCalls(LocalPayments, Resource):
    """`terminal.payments`"""

    def create(
        self,
        *, amount: int,
        currency: str,
        capture_method: Union[Literal["automatic", "manual"], None, NotGiven] = NOT_GIVEN,
        client_token: Union[str, None, NotGiven] = NOT_GIVEN,
        description: Union[str, None, NotGiven] = NOT_GIVEN,
        metadata: Union[Mapping[str, str], None, NotGiven] = NOT_GIVEN,
        reference: Union[str, None, NotGiven] = NOT_GIVEN,
        response_mode: Union[Literal["async", "sync"], None, NotGiven] = NOT_GIVEN,
        terminal_id: Optional[str] = None,
        terminal_group: Optional[Sequence[str]] = None,
        simulate_card: Optional[str] = None,
        simulate_delay: Optional[int] = None,
        connectivity: Optional[Connectivity] = None,
        **options: Unpack[CallOptions],
    ) -> models.TerminalPayment:
        """Collect a payment on a terminal.

        amount: What to collect, in the smallest unit of the currency.
        capture_method: `automatic` (default) authorizes and captures in one step, `manual` waits for a capture.
        client_token: A UUID that names this payment on every path, so that it can be sent twice and charged once.
        currency: Three-letter ISO 4217 code.
        description: Free text.
        metadata: Your own key-value pairs; never interpreted.
        reference: Your own name for the order; no control characters.
        response_mode: `async` (default) answers while pending, `sync` once the outcome is known.
        terminal_id: The terminal that collects the payment.
        terminal_group: Terminals of which the first that is free collects the payment; while all are busy it waits.
        simulate_delay: Test mode only.
        """
        return self._create(Asked(operations.TERMINAL__PAYMENTS__CREATE, connectivity, cast(Mapping[str, object], options), query={"simulateCard": simulate_card, "simulateDelay": simulate_delay}, body={
            "amount": amount,
            "captureMethod": capture_method,
            "clientToken": client_token,
            "currency": currency,
            "description": description,
            "metadata": metadata,
            "reference": reference,
            "responseMode": response_mode,
            "terminalId": NOT_GIVEN if terminal_id is None else terminal_id,
            "terminalGroup": NOT_GIVEN if terminal_group is None else terminal_group,
        }))

    def create_sync(
        self,
        *, amount: int,
        currency: str,
        capture_method: Union[Literal["automatic", "manual"], None, NotGiven] = NOT_GIVEN,
        client_token: Union[str, None, NotGiven] = NOT_GIVEN,
        description: Union[str, None, NotGiven] = NOT_GIVEN,
        metadata: Union[Mapping[str, str], None, NotGiven] = NOT_GIVEN,
        reference: Union[str, None, NotGiven] = NOT_GIVEN,
        terminal_id: Optional[str] = None,
        terminal_group: Optional[Sequence[str]] = None,
        simulate_card: Optional[str] = None,
        simulate_delay: Optional[int] = None,
        **options: Unpack[CallOptions],
    ) -> models.TerminalPayment:
        """Collect a payment on a terminal.

        amount: What to collect, in the smallest unit of the currency.
        capture_method: `automatic` (default) authorizes and captures in one step, `manual` waits for a capture.
        client_token: A UUID that names this payment on every path, so that it can be sent twice and charged once.
        currency: Three-letter ISO 4217 code.
        description: Free text.
        metadata: Your own key-value pairs; never interpreted.
        reference: Your own name for the order; no control characters.
        terminal_id: The terminal that collects the payment.
        terminal_group: Terminals of which the first that is free collects the payment; while all are busy it waits.
        simulate_delay: Test mode only.
        """
        return made(models.TerminalPayment, self._ask(operations.TERMINAL__PAYMENTS__CREATE_SYNC, options, query={"simulateCard": simulate_card, "simulateDelay": simulate_delay}, body={
            "amount": amount,
            "captureMethod": capture_method,
            "clientToken": client_token,
            "currency": currency,
            "description": description,
            "metadata": metadata,
            "reference": reference,
            "responseMode": "sync",
            "terminalId": NOT_GIVEN if terminal_id is None else terminal_id,
            "terminalGroup": NOT_GIVEN if terminal_group is None else terminal_group,
        }))

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.TerminalPayment:
        """Retrieve a payment."""
        return made(models.TerminalPayment, self._ask(operations.TERMINAL__PAYMENTS__RETRIEVE, options, path=(id,)))

    def retrieve_by_reference(self, reference: str, **options: Unpack[CallOptions]) -> models.TerminalPayment:
        """Find the newest payment with this reference; after a time-out, before paying again. The terminal that charged it
        over the local network is asked first."""
        asked = cast(Mapping[str, object], options)
        return self._by_reference(operations.TERMINAL__PAYMENTS__RETRIEVE_BY_REFERENCE, reference, asked)

    def list(
        self,
        *, terminal_id: Optional[str] = None,
        location_id: Optional[str] = None,
        status: Optional[Literal["pending", "processing", "authorized", "completed", "failed", "cancelled", "expired"]] = None,
        from_date: Optional[int] = None,
        to_date: Optional[int] = None,
        limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        reference: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.TerminalPayment]:
        """List payments.

        terminal_id: Only of this terminal.
        location_id: Only of terminals at this location.
        from_date: Created at this Unix second or later.
        to_date: Created at this Unix second or earlier.
        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older payments.
        ending_before: The first id of the page after: the page continues with newer payments.
        reference: Only with this reference.
        """
        return self._page(operations.TERMINAL__PAYMENTS__LIST, options, Page[models.TerminalPayment], models.TerminalPayment, query={
            "terminalId": terminal_id,
            "locationId": location_id,
            "status": status,
            "fromDate": from_date,
            "toDate": to_date,
            "limit": limit,
            "starting_after": starting_after,
            "ending_before": ending_before,
            "reference": reference,
        })

    def capture(
        self,
        id: str,
        *, amount: Union[int, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.TerminalPayment:
        """Capture an authorized payment.

        amount: How much to capture, in the smallest unit; all of it when left out.
        """
        return made(models.TerminalPayment, self._ask(operations.TERMINAL__PAYMENTS__CAPTURE, options, path=(id,), body={"amount": amount}))

    def cancel(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.TerminalPayment:
        """Cancel a payment, or void its hold."""
        return made(models.TerminalPayment, self._ask(operations.TERMINAL__PAYMENTS__CANCEL, options, path=(id,), body={}))


class LegacyTerminalPaymentsCalls(Resource):
    """`terminal_payments`"""

    def create(
        self,
        *, amount: int,
        currency: str,
        capture_method: Union[Literal["automatic", "manual"], None, NotGiven] = NOT_GIVEN,
        client_token: Union[str, None, NotGiven] = NOT_GIVEN,
        description: Union[str, None, NotGiven] = NOT_GIVEN,
        metadata: Union[Mapping[str, str], None, NotGiven] = NOT_GIVEN,
        reference: Union[str, None, NotGiven] = NOT_GIVEN,
        response_mode: Union[Literal["async", "sync"], None, NotGiven] = NOT_GIVEN,
        terminal_id: Optional[str] = None,
        terminal_group: Optional[Sequence[str]] = None,
        simulate_card: Optional[str] = None,
        simulate_delay: Optional[int] = None,
        **options: Unpack[CallOptions],
    ) -> models.LegacyTerminalPayment:
        """Collect a payment on a terminal.

        amount: What to collect, in the smallest unit of the currency.
        capture_method: `automatic` (default) authorizes and captures in one step, `manual` waits for a capture.
        client_token: A UUID that names this payment on every path, so that it can be sent twice and charged once.
        currency: Three-letter ISO 4217 code.
        description: Free text.
        metadata: Your own key-value pairs; never interpreted.
        reference: Your own name for the order; no control characters.
        response_mode: `async` (default) answers while pending, `sync` once the outcome is known.
        terminal_id: The terminal that collects the payment.
        terminal_group: Terminals of which the first that is free collects the payment; while all are busy it waits.
        simulate_delay: Test mode only.
        """
        return made(models.LegacyTerminalPayment, self._ask(operations.TERMINAL_PAYMENTS__CREATE, options, query={"simulateCard": simulate_card, "simulateDelay": simulate_delay}, body={
            "amount": amount,
            "captureMethod": capture_method,
            "clientToken": client_token,
            "currency": currency,
            "description": description,
            "metadata": metadata,
            "reference": reference,
            "responseMode": response_mode,
            "terminalId": NOT_GIVEN if terminal_id is None else terminal_id,
            "terminalGroup": NOT_GIVEN if terminal_group is None else terminal_group,
        }))

    def create_sync(
        self,
        *, amount: int,
        currency: str,
        capture_method: Union[Literal["automatic", "manual"], None, NotGiven] = NOT_GIVEN,
        client_token: Union[str, None, NotGiven] = NOT_GIVEN,
        description: Union[str, None, NotGiven] = NOT_GIVEN,
        metadata: Union[Mapping[str, str], None, NotGiven] = NOT_GIVEN,
        reference: Union[str, None, NotGiven] = NOT_GIVEN,
        terminal_id: Optional[str] = None,
        terminal_group: Optional[Sequence[str]] = None,
        simulate_card: Optional[str] = None,
        simulate_delay: Optional[int] = None,
        **options: Unpack[CallOptions],
    ) -> models.LegacyTerminalPayment:
        """Collect a payment on a terminal.

        amount: What to collect, in the smallest unit of the currency.
        capture_method: `automatic` (default) authorizes and captures in one step, `manual` waits for a capture.
        client_token: A UUID that names this payment on every path, so that it can be sent twice and charged once.
        currency: Three-letter ISO 4217 code.
        description: Free text.
        metadata: Your own key-value pairs; never interpreted.
        reference: Your own name for the order; no control characters.
        terminal_id: The terminal that collects the payment.
        terminal_group: Terminals of which the first that is free collects the payment; while all are busy it waits.
        simulate_delay: Test mode only.
        """
        return made(models.LegacyTerminalPayment, self._ask(operations.TERMINAL_PAYMENTS__CREATE_SYNC, options, query={"simulateCard": simulate_card, "simulateDelay": simulate_delay}, body={
            "amount": amount,
            "captureMethod": capture_method,
            "clientToken": client_token,
            "currency": currency,
            "description": description,
            "metadata": metadata,
            "reference": reference,
            "responseMode": "sync",
            "terminalId": NOT_GIVEN if terminal_id is None else terminal_id,
            "terminalGroup": NOT_GIVEN if terminal_group is None else terminal_group,
        }))

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.LegacyTerminalPayment:
        """Retrieve a payment."""
        return made(models.LegacyTerminalPayment, self._ask(operations.TERMINAL_PAYMENTS__RETRIEVE, options, path=(id,)))

    def retrieve_by_reference(self, reference: str, **options: Unpack[CallOptions]) -> models.LegacyTerminalPayment:
        """Find the newest payment with this reference; after a time-out, before paying again."""
        query = {"reference": checked_reference(reference), "limit": 1}
        page = self._page(operations.TERMINAL_PAYMENTS__RETRIEVE_BY_REFERENCE, options, Page[models.LegacyTerminalPayment], models.LegacyTerminalPayment, query=query)
        return newest(models.LegacyTerminalPayment, page.data, page.last_response, reference)

    def list(
        self,
        *, terminal_id: Optional[str] = None,
        location_id: Optional[str] = None,
        status: Optional[Literal["pending", "processing", "authorized", "completed", "failed", "cancelled", "expired"]] = None,
        from_date: Optional[int] = None,
        to_date: Optional[int] = None,
        limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        reference: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.LegacyTerminalPayment]:
        """List payments.

        terminal_id: Only of this terminal.
        location_id: Only of terminals at this location.
        from_date: Created at this Unix second or later.
        to_date: Created at this Unix second or earlier.
        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older payments.
        ending_before: The first id of the page after: the page continues with newer payments.
        reference: Only with this reference.
        """
        return self._page(operations.TERMINAL_PAYMENTS__LIST, options, Page[models.LegacyTerminalPayment], models.LegacyTerminalPayment, query={
            "terminalId": terminal_id,
            "locationId": location_id,
            "status": status,
            "fromDate": from_date,
            "toDate": to_date,
            "limit": limit,
            "starting_after": starting_after,
            "ending_before": ending_before,
            "reference": reference,
        })

    def capture(
        self,
        id: str,
        *, amount: Union[int, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.LegacyTerminalPayment:
        """Capture an authorized payment.

        amount: How much to capture, in the smallest unit; all of it when left out.
        """
        return made(models.LegacyTerminalPayment, self._ask(operations.TERMINAL_PAYMENTS__CAPTURE, options, path=(id,), body={"amount": amount}))

    def cancel(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.LegacyTerminalPayment:
        """Cancel a payment, or void its hold."""
        return made(models.LegacyTerminalPayment, self._ask(operations.TERMINAL_PAYMENTS__CANCEL, options, path=(id,), body={}))


class TerminalsCalls(Resource):
    """`terminals`"""

    def activate(
        self,
        *, activation_code: str,
        display_name: Optional[str] = None,
        location_id: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> models.Terminal:
        """Activate a terminal.

        activation_code: The code that the device shows.
        display_name: What people call it.
        location_id: Where the terminal stands.
        """
        return made(models.Terminal, self._ask(operations.TERMINALS__ACTIVATE, options, body={"activationCode": activation_code, "displayName": NOT_GIVEN if display_name is None else display_name, "locationId": NOT_GIVEN if location_id is None else location_id}))

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.Terminal:
        """Retrieve a terminal."""
        return made(models.Terminal, self._ask(operations.TERMINALS__RETRIEVE, options, path=(id,)))

    def update(
        self,
        id: str,
        *, display_name: Union[str, None, NotGiven] = NOT_GIVEN,
        location_id: Union[str, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.Terminal:
        """Update a terminal.

        display_name: What people call it.
        location_id: Where it stands from now on.
        """
        return made(models.Terminal, self._ask(operations.TERMINALS__UPDATE, options, path=(id,), body={"displayName": display_name, "locationId": location_id}))

    def list(
        self,
        *, location_id: Optional[str] = None,
        status: Optional[Literal["online", "offline", "needs_attention", "deactivated"]] = None,
        model: Optional[Literal["nexgo_ct20", "nexgo_ct20p", "nexgo_n92", "nexgo_n86pro", "ciontek_cm30", "simulator"]] = None,
        limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.Terminal]:
        """List terminals.

        location_id: Only those assigned to this location.
        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older ones.
        ending_before: The first id of the page after: the page continues with newer ones.
        """
        return self._page(operations.TERMINALS__LIST, options, Page[models.Terminal], models.Terminal, query={
            "locationId": location_id,
            "status": status,
            "model": model,
            "limit": limit,
            "starting_after": starting_after,
            "ending_before": ending_before,
        })

    def configure(
        self,
        id: str,
        *, cashless_api: Union[CashlessApiParams, None, NotGiven] = NOT_GIVEN,
        display: Union[DisplayParams, None, NotGiven] = NOT_GIVEN,
        local_api: Union[LocalApiParams, None, NotGiven] = NOT_GIVEN,
        offline_mode: Union[OfflineModeParams, None, NotGiven] = NOT_GIVEN,
        receipt: Union[ReceiptParams, None, NotGiven] = NOT_GIVEN,
        tip: Union[TipParams, None, NotGiven] = NOT_GIVEN,
        dry_run: Optional[bool] = None,
        **options: Unpack[CallOptions],
    ) -> Union[models.Terminal, models.TerminalConfigDryRun]:
        """Configure a terminal.

        dry_run: `true`: change nothing, and answer what would change for each terminal.
        """
        return cast(Union[models.Terminal, models.TerminalConfigDryRun], either(models.Terminal, models.TerminalConfigDryRun, "terminal_config_dry_run", self._ask(operations.TERMINALS__CONFIGURE, options, path=(id,), query={"dryRun": dry_run}, body={
            "cashlessApi": cashless_api,
            "display": display,
            "localApi": local_api,
            "offlineMode": offline_mode,
            "receipt": receipt,
            "tip": tip,
        })))

    def retrieve_effective_config(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.TerminalEffectiveConfig:
        """Retrieve what holds for a terminal."""
        return made(models.TerminalEffectiveConfig, self._ask(operations.TERMINALS__RETRIEVE_EFFECTIVE_CONFIG, options, path=(id,)))

    def deactivate(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.Terminal:
        """Take a terminal out of service."""
        return made(models.Terminal, self._ask(operations.TERMINALS__DEACTIVATE, options, path=(id,), body={}))

    def send_action(
        self,
        id: str,
        *, action: Literal["reboot", "update", "lock", "unlock", "flush"],
        expires_in: Union[int, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.TerminalAction:
        """Send a remote action.

        action: `reboot` starts the terminal over, `update` installs newer software if there is any, `lock` refuses new payments from now on, `unlock` takes them again, `flush` forwards what was approved without a connection.
        expires_in: For how many seconds it may wait for the terminal; a day when left out.
        """
        return made(models.TerminalAction, self._ask(operations.TERMINALS__SEND_ACTION, options, path=(id,), body={"action": action, "expiresIn": expires_in}))

    def list_actions(
        self,
        id: str,
        *, limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.TerminalAction]:
        """List the remote actions of a terminal.

        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older ones.
        ending_before: The first id of the page after: the page continues with newer ones.
        """
        return self._page(operations.TERMINALS__LIST_ACTIONS, options, Page[models.TerminalAction], models.TerminalAction, path=(id,), query={"limit": limit, "starting_after": starting_after, "ending_before": ending_before})

    def retrieve_action(
        self,
        id: str,
        action_id: str,
        **options: Unpack[CallOptions],
    ) -> models.TerminalAction:
        """Retrieve a remote action of a terminal."""
        return made(models.TerminalAction, self._ask(operations.TERMINALS__RETRIEVE_ACTION, options, path=(id, action_id,)))

    def cancel_action(
        self,
        id: str,
        action_id: str,
        **options: Unpack[CallOptions],
    ) -> models.TerminalAction:
        """Take a remote action of a terminal back."""
        return made(models.TerminalAction, self._ask(operations.TERMINALS__CANCEL_ACTION, options, path=(id, action_id,), body={}))

    def retrieve_lan(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.TerminalLan:
        """Retrieve what a terminal serves in the local network."""
        return made(models.TerminalLan, self._ask(operations.TERMINALS__RETRIEVE_LAN, options, path=(id,)))

    def update_lan(
        self,
        id: str,
        *, cashless: Optional[PutCashlessParams] = None,
        local_api: Optional[PutLocalApiParams] = None,
        **options: Unpack[CallOptions],
    ) -> models.TerminalLan:
        """Change what a terminal serves in the local network.

        cashless: For cash registers with the shared key; off when left out.
        local_api: For tills with a client certificate; off when left out.
        """
        return made(models.TerminalLan, self._ask(operations.TERMINALS__UPDATE_LAN, options, path=(id,), body={"cashless": NOT_GIVEN if cashless is None else cashless, "localApi": NOT_GIVEN if local_api is None else local_api}))

    def create_client_certificate(
        self,
        id: str,
        *, csr: Optional[str] = None,
        name: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> models.ClientCertificate:
        """Create a client certificate.

        csr: A signing request (PKCS #10) for an ECDSA P-256 key that the till made itself: PEM, or DER in base64.
        name: What people call it.
        """
        return made(models.ClientCertificate, self._ask(operations.TERMINALS__CREATE_CLIENT_CERTIFICATE, options, path=(id,), body={"csr": NOT_GIVEN if csr is None else csr, "name": NOT_GIVEN if name is None else name}))

    def retrieve_client_certificate(
        self,
        id: str,
        certificate: str,
        **options: Unpack[CallOptions],
    ) -> models.ClientCertificate:
        """Retrieve a client certificate."""
        return made(models.ClientCertificate, self._ask(operations.TERMINALS__RETRIEVE_CLIENT_CERTIFICATE, options, path=(id, certificate,)))

    def list_client_certificates(
        self,
        id: str,
        *, limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.ClientCertificate]:
        """List client certificates.

        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older ones.
        ending_before: The first id of the page after: the page continues with newer ones.
        """
        return self._page(operations.TERMINALS__LIST_CLIENT_CERTIFICATES, options, Page[models.ClientCertificate], models.ClientCertificate, path=(id,), query={"limit": limit, "starting_after": starting_after, "ending_before": ending_before})

    def revoke_client_certificate(
        self,
        id: str,
        certificate: str,
        **options: Unpack[CallOptions],
    ) -> models.ClientCertificate:
        """Revoke a client certificate."""
        return made(models.ClientCertificate, self._ask(operations.TERMINALS__REVOKE_CLIENT_CERTIFICATE, options, path=(id, certificate,), body={}))

    def generate_cashless_key(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.CashlessKey:
        """Generate a terminal's Cashless key."""
        return made(models.CashlessKey, self._ask(operations.TERMINALS__GENERATE_CASHLESS_KEY, options, path=(id,), body={}))

    def retrieve_cashless_key(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.CashlessKey:
        """Retrieve a terminal's Cashless key."""
        return made(models.CashlessKey, self._ask(operations.TERMINALS__RETRIEVE_CASHLESS_KEY, options, path=(id,)))

    def delete_cashless_key(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.CashlessKey:
        """Delete a terminal's Cashless key."""
        return made(models.CashlessKey, self._ask(operations.TERMINALS__DELETE_CASHLESS_KEY, options, path=(id,)))


class CertificatesCalls(Resource):
    """`certificates`"""

    def retrieve_ca_bundle(
        self,
        **options: Unpack[CallOptions],
    ) -> str:
        """What tills trust."""
        return self._text(operations.CERTIFICATES__RETRIEVE_CA_BUNDLE, options)


class TerminalActionsCalls(Resource):
    """`terminal_actions`"""

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.TerminalAction:
        """Retrieve a remote action."""
        return made(models.TerminalAction, self._ask(operations.TERMINAL_ACTIONS__RETRIEVE, options, path=(id,)))

    def cancel(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.TerminalAction:
        """Take a remote action back."""
        return made(models.TerminalAction, self._ask(operations.TERMINAL_ACTIONS__CANCEL, options, path=(id,), body={}))


class TerminalModelsCalls(Resource):
    """`terminal_models`"""

    def list(
        self,
        **options: Unpack[CallOptions],
    ) -> Page[models.TerminalModel]:
        """List terminal models."""
        return self._page(operations.TERMINAL_MODELS__LIST, options, Page[models.TerminalModel], models.TerminalModel)


class LocationsCalls(Resource):
    """`locations`"""

    def create(
        self,
        *, display_name: str,
        address: Union[AddressParams, None, NotGiven] = NOT_GIVEN,
        end_of_day: Union[str, None, NotGiven] = NOT_GIVEN,
        metadata: Union[Mapping[str, str], None, NotGiven] = NOT_GIVEN,
        time_zone: Union[str, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.Location:
        """Create a location.

        display_name: What people call it.
        end_of_day: When its day ends and its batches are settled, `HH:MM` in its time zone.
        metadata: Your own key-value pairs; never interpreted.
        time_zone: Its time zone, a name of the IANA database; the account's when left out.
        """
        return made(models.Location, self._ask(operations.LOCATIONS__CREATE, options, body={
            "address": address,
            "displayName": display_name,
            "endOfDay": end_of_day,
            "metadata": metadata,
            "timeZone": time_zone,
        }))

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.Location:
        """Retrieve a location."""
        return made(models.Location, self._ask(operations.LOCATIONS__RETRIEVE, options, path=(id,)))

    def update(
        self,
        id: str,
        *, address: Union[AddressParams, None, NotGiven] = NOT_GIVEN,
        display_name: Union[str, None, NotGiven] = NOT_GIVEN,
        end_of_day: Union[str, None, NotGiven] = NOT_GIVEN,
        metadata: Union[Mapping[str, str], None, NotGiven] = NOT_GIVEN,
        time_zone: Union[str, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.Location:
        """Update a location.

        display_name: What people call it.
        end_of_day: When its day ends and its batches are settled, `HH:MM` in its time zone.
        metadata: Your own key-value pairs; never interpreted.
        time_zone: Its time zone, a name of the IANA database.
        """
        return made(models.Location, self._ask(operations.LOCATIONS__UPDATE, options, path=(id,), body={
            "address": address,
            "displayName": display_name,
            "endOfDay": end_of_day,
            "metadata": metadata,
            "timeZone": time_zone,
        }))

    def delete(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.Deleted:
        """Delete a location."""
        return made(models.Deleted, self._ask(operations.LOCATIONS__DELETE, options, path=(id,)))

    def list(
        self,
        *, limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.Location]:
        """List locations.

        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older ones.
        ending_before: The first id of the page after: the page continues with newer ones.
        """
        return self._page(operations.LOCATIONS__LIST, options, Page[models.Location], models.Location, query={"limit": limit, "starting_after": starting_after, "ending_before": ending_before})

    def retrieve_terminal_config(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.TerminalConfig:
        """Retrieve what is configured for a location."""
        return made(models.TerminalConfig, self._ask(operations.LOCATIONS__RETRIEVE_TERMINAL_CONFIG, options, path=(id,)))

    def update_terminal_config(
        self,
        id: str,
        *, cashless_api: Union[CashlessApiParams, None, NotGiven] = NOT_GIVEN,
        display: Union[DisplayParams, None, NotGiven] = NOT_GIVEN,
        local_api: Union[LocalApiParams, None, NotGiven] = NOT_GIVEN,
        offline_mode: Union[OfflineModeParams, None, NotGiven] = NOT_GIVEN,
        receipt: Union[ReceiptParams, None, NotGiven] = NOT_GIVEN,
        tip: Union[TipParams, None, NotGiven] = NOT_GIVEN,
        dry_run: Optional[bool] = None,
        **options: Unpack[CallOptions],
    ) -> Union[models.Location, models.TerminalConfigDryRun]:
        """Configure the terminals of a location.

        dry_run: `true`: change nothing, and answer what would change for each terminal.
        """
        return cast(Union[models.Location, models.TerminalConfigDryRun], either(models.Location, models.TerminalConfigDryRun, "terminal_config_dry_run", self._ask(operations.LOCATIONS__UPDATE_TERMINAL_CONFIG, options, path=(id,), query={"dryRun": dry_run}, body={
            "cashlessApi": cashless_api,
            "display": display,
            "localApi": local_api,
            "offlineMode": offline_mode,
            "receipt": receipt,
            "tip": tip,
        })))

    def retrieve_terminal_config_status(
        self,
        id: str,
        *, limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> pages.TerminalConfigProgress:
        """Watch a location being configured.

        limit: How many terminals to name; 10 when left out.
        starting_after: The last terminal of the page before.
        """
        return self._page(operations.LOCATIONS__RETRIEVE_TERMINAL_CONFIG_STATUS, options, pages.TerminalConfigProgress, models.TerminalConfigState, path=(id,), query={"limit": limit, "starting_after": starting_after})


class RefundsCalls(Resource):
    """`refunds`"""

    def create(
        self,
        *, payment: str,
        amount: Union[int, None, NotGiven] = NOT_GIVEN,
        metadata: Union[Mapping[str, str], None, NotGiven] = NOT_GIVEN,
        reason: Union[Literal["duplicate", "fraudulent", "requested_by_customer"], None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.Refund:
        """Refund a payment.

        amount: How much, in the smallest unit of the payment's currency; all that is left when left out.
        metadata: Your own key-value pairs; never interpreted.
        payment: The terminal payment to give back of.
        reason: Why the money is given back.
        """
        return made(models.Refund, self._ask(operations.REFUNDS__CREATE, options, body={
            "amount": amount,
            "metadata": metadata,
            "payment": payment,
            "reason": reason,
        }))

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.Refund:
        """Retrieve a refund."""
        return made(models.Refund, self._ask(operations.REFUNDS__RETRIEVE, options, path=(id,)))

    def update(
        self,
        id: str,
        *, metadata: Union[Mapping[str, str], None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.Refund:
        """Update a refund's metadata.

        metadata: Your own key-value pairs; never interpreted.
        """
        return made(models.Refund, self._ask(operations.REFUNDS__UPDATE, options, path=(id,), body={"metadata": metadata}))

    def list(
        self,
        *, payment: Optional[str] = None,
        limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.Refund]:
        """List refunds.

        payment: Only of this payment.
        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older refunds.
        ending_before: The first id of the page after: the page continues with newer refunds.
        """
        return self._page(operations.REFUNDS__LIST, options, Page[models.Refund], models.Refund, query={
            "payment": payment,
            "limit": limit,
            "starting_after": starting_after,
            "ending_before": ending_before,
        })


class BatchesCalls(Resource):
    """`batches`"""

    def close(
        self,
        *, terminal_id: str,
        reference: Union[str, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.ClosedBatches:
        """Close a terminal's batches.

        reference: Your own name for it: the same one again returns the same batches; no control characters.
        terminal_id: The terminal whose batches to close.
        """
        return made(models.ClosedBatches, self._ask(operations.BATCHES__CLOSE, options, body={"reference": reference, "terminalId": terminal_id}))

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.Batch:
        """Retrieve a batch."""
        return made(models.Batch, self._ask(operations.BATCHES__RETRIEVE, options, path=(id,)))

    def list(
        self,
        *, terminal_id: Optional[str] = None,
        status: Optional[Literal["open", "closing", "closed"]] = None,
        currency: Optional[str] = None,
        limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.Batch]:
        """List batches.

        terminal_id: Only of this terminal.
        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older batches.
        ending_before: The first id of the page after: the page continues with newer batches.
        """
        return self._page(operations.BATCHES__LIST, options, Page[models.Batch], models.Batch, query={
            "terminalId": terminal_id,
            "status": status,
            "currency": currency,
            "limit": limit,
            "starting_after": starting_after,
            "ending_before": ending_before,
        })


class EventsCalls(Resource):
    """`events`"""

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.Event:
        """Retrieve an event."""
        return made(models.Event, self._ask(operations.EVENTS__RETRIEVE, options, path=(id,)))

    def list(
        self,
        *, type: Optional[str] = None,
        object: Optional[str] = None,
        created: Optional[CreatedParams] = None,
        limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.Event]:
        """List events.

        type: Only of this type, or of a category (`terminal.*`).
        object: Only about this object.
        created: When they happened, `created[gte]` and `created[lte]`.
        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older events.
        ending_before: The first id of the page after: the page continues with newer events.
        """
        return self._page(operations.EVENTS__LIST, options, Page[models.Event], models.Event, query={
            "type": type,
            "object": object,
            "created": created,
            "limit": limit,
            "starting_after": starting_after,
            "ending_before": ending_before,
        })

    def stream(
        self,
        *, after: Optional[str] = None,
        enabled_events: Optional[Sequence[str]] = None,
        **options: Unpack[CallOptions],
    ) -> EventStream:
        """Follow events as they happen.

        after: The last event that was seen; the header `Last-Event-ID` says the same and goes first.
        enabled_events: Only these types or categories; all when left out.
        """
        return self._stream(operations.EVENTS__STREAM, options, query={"after": after, "enabled_events[]": enabled_events})


class WebhookEndpointsCalls(Resource):
    """`webhook_endpoints`"""

    def create(
        self,
        *, enabled_events: Sequence[str],
        url: str,
        api_version: Union[str, None, NotGiven] = NOT_GIVEN,
        description: Union[str, None, NotGiven] = NOT_GIVEN,
        metadata: Union[Mapping[str, str], None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.WebhookEndpoint:
        """Create a webhook endpoint.

        api_version: How payments in the events are written; `2026-06-11` unless given.
        description: Free text.
        enabled_events: Which events: types (`terminal_payment.completed`), categories (`terminal.*`), or `*` for all.
        metadata: Your own key-value pairs; never interpreted.
        url: Where events are posted to; `https://`, on a public address.
        """
        return made(models.WebhookEndpoint, self._ask(operations.WEBHOOK_ENDPOINTS__CREATE, options, body={
            "api_version": api_version,
            "description": description,
            "enabled_events": enabled_events,
            "metadata": metadata,
            "url": url,
        }))

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.WebhookEndpoint:
        """Retrieve a webhook endpoint."""
        return made(models.WebhookEndpoint, self._ask(operations.WEBHOOK_ENDPOINTS__RETRIEVE, options, path=(id,)))

    def update(
        self,
        id: str,
        *, api_version: Union[str, None, NotGiven] = NOT_GIVEN,
        description: Union[str, None, NotGiven] = NOT_GIVEN,
        enabled_events: Union[Sequence[str], None, NotGiven] = NOT_GIVEN,
        metadata: Union[Mapping[str, str], None, NotGiven] = NOT_GIVEN,
        status: Union[str, None, NotGiven] = NOT_GIVEN,
        url: Union[str, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.WebhookEndpoint:
        """Update a webhook endpoint.

        api_version: How payments in the events are written.
        description: Free text; empty takes it away.
        enabled_events: Which events from now on.
        metadata: Your own key-value pairs; never interpreted.
        status: `disabled` holds everything back, `enabled` sends what was held back, in order.
        url: Where events are posted to from now on.
        """
        return made(models.WebhookEndpoint, self._ask(operations.WEBHOOK_ENDPOINTS__UPDATE, options, path=(id,), body={
            "api_version": api_version,
            "description": description,
            "enabled_events": enabled_events,
            "metadata": metadata,
            "status": status,
            "url": url,
        }))

    def delete(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.DeletedWebhookEndpoint:
        """Delete a webhook endpoint."""
        return made(models.DeletedWebhookEndpoint, self._ask(operations.WEBHOOK_ENDPOINTS__DELETE, options, path=(id,)))

    def list(
        self,
        *, limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.WebhookEndpoint]:
        """List webhook endpoints.

        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older ones.
        ending_before: The first id of the page after: the page continues with newer ones.
        """
        return self._page(operations.WEBHOOK_ENDPOINTS__LIST, options, Page[models.WebhookEndpoint], models.WebhookEndpoint, query={"limit": limit, "starting_after": starting_after, "ending_before": ending_before})

    def roll_secret(
        self,
        id: str,
        *, expires_in: Union[int, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.WebhookEndpoint:
        """Replace the secret.

        expires_in: How long the old secret signs beside the new one, in seconds: a day unless given, 0 for not at all.
        """
        return made(models.WebhookEndpoint, self._ask(operations.WEBHOOK_ENDPOINTS__ROLL_SECRET, options, path=(id,), body={"expires_in": expires_in}))

    def test(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.WebhookDelivery:
        """Send a test event."""
        return made(models.WebhookDelivery, self._ask(operations.WEBHOOK_ENDPOINTS__TEST, options, path=(id,), body={}))

    def list_deliveries(
        self,
        id: str,
        *, status: Optional[str] = None,
        limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.WebhookDelivery]:
        """List deliveries.

        status: Only with this status.
        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older events.
        ending_before: The first id of the page after: the page continues with newer events.
        """
        return self._page(operations.WEBHOOK_ENDPOINTS__LIST_DELIVERIES, options, Page[models.WebhookDelivery], models.WebhookDelivery, path=(id,), query={
            "status": status,
            "limit": limit,
            "starting_after": starting_after,
            "ending_before": ending_before,
        })

    def retrieve_delivery(
        self,
        id: str,
        delivery: str,
        **options: Unpack[CallOptions],
    ) -> models.WebhookDelivery:
        """Retrieve a delivery."""
        return made(models.WebhookDelivery, self._ask(operations.WEBHOOK_ENDPOINTS__RETRIEVE_DELIVERY, options, path=(id, delivery,)))

    def resend_delivery(
        self,
        id: str,
        delivery: str,
        **options: Unpack[CallOptions],
    ) -> models.WebhookDelivery:
        """Send an event again."""
        return made(models.WebhookDelivery, self._ask(operations.WEBHOOK_ENDPOINTS__RESEND_DELIVERY, options, path=(id, delivery,), body={}))


class ApiKeysCalls(Resource):
    """`api_keys`"""

    def create(
        self,
        *, type: Literal["secret", "restricted"],
        name: Union[str, None, NotGiven] = NOT_GIVEN,
        scopes: Union[Sequence[str], None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.ApiKey:
        """Create an API key.

        name: What people call it.
        scopes: What a restricted key may do, such as `payments:read`; at least one.
        """
        return made(models.ApiKey, self._ask(operations.API_KEYS__CREATE, options, body={"name": name, "scopes": scopes, "type": type}))

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.ApiKey:
        """Retrieve an API key."""
        return made(models.ApiKey, self._ask(operations.API_KEYS__RETRIEVE, options, path=(id,)))

    def list(
        self,
        *, limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.ApiKey]:
        """List API keys.

        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older ones.
        ending_before: The first id of the page after: the page continues with newer ones.
        """
        return self._page(operations.API_KEYS__LIST, options, Page[models.ApiKey], models.ApiKey, query={"limit": limit, "starting_after": starting_after, "ending_before": ending_before})

    def roll(
        self,
        id: str,
        *, expires_in: Union[int, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.ApiKey:
        """Roll an API key.

        expires_in: For how many seconds the old key goes on working: 86400 (a day) when left out, 0 to end it at once.
        """
        return made(models.ApiKey, self._ask(operations.API_KEYS__ROLL, options, path=(id,), body={"expiresIn": expires_in}))

    def revoke(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.ApiKey:
        """Revoke an API key."""
        return made(models.ApiKey, self._ask(operations.API_KEYS__REVOKE, options, path=(id,), body={}))


class AccountCalls(Resource):
    """`account`"""

    def retrieve(
        self,
        **options: Unpack[CallOptions],
    ) -> models.Account:
        """Retrieve the account."""
        return made(models.Account, self._ask(operations.ACCOUNT__RETRIEVE, options))

    def update(
        self,
        *, default_currency: Union[str, None, NotGiven] = NOT_GIVEN,
        display_name: Union[str, None, NotGiven] = NOT_GIVEN,
        over_capture_percent: Union[int, None, NotGiven] = NOT_GIVEN,
        time_zone: Union[str, None, NotGiven] = NOT_GIVEN,
        webhook_policy: Union[UpdateWebhookPolicyParams, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.Account:
        """Update the account's settings.

        default_currency: Three-letter ISO 4217 code.
        display_name: What people call it.
        over_capture_percent: How far a capture may exceed its authorization, in percent.
        time_zone: The time zone of locations that have none of their own, a name of the IANA database.
        """
        return made(models.Account, self._ask(operations.ACCOUNT__UPDATE, options, body={
            "defaultCurrency": default_currency,
            "displayName": display_name,
            "overCapturePercent": over_capture_percent,
            "timeZone": time_zone,
            "webhookPolicy": webhook_policy,
        }))

    def retrieve_terminal_config(
        self,
        **options: Unpack[CallOptions],
    ) -> models.TerminalConfig:
        """Retrieve what is configured for the account."""
        return made(models.TerminalConfig, self._ask(operations.ACCOUNT__RETRIEVE_TERMINAL_CONFIG, options))

    def update_terminal_config(
        self,
        *, cashless_api: Union[CashlessApiParams, None, NotGiven] = NOT_GIVEN,
        display: Union[DisplayParams, None, NotGiven] = NOT_GIVEN,
        local_api: Union[LocalApiParams, None, NotGiven] = NOT_GIVEN,
        offline_mode: Union[OfflineModeParams, None, NotGiven] = NOT_GIVEN,
        receipt: Union[ReceiptParams, None, NotGiven] = NOT_GIVEN,
        tip: Union[TipParams, None, NotGiven] = NOT_GIVEN,
        dry_run: Optional[bool] = None,
        **options: Unpack[CallOptions],
    ) -> Union[models.TerminalConfig, models.TerminalConfigDryRun]:
        """Configure all terminals of the account.

        dry_run: `true`: change nothing, and answer what would change for each terminal.
        """
        return cast(Union[models.TerminalConfig, models.TerminalConfigDryRun], either(models.TerminalConfig, models.TerminalConfigDryRun, "terminal_config_dry_run", self._ask(operations.ACCOUNT__UPDATE_TERMINAL_CONFIG, options, query={"dryRun": dry_run}, body={
            "cashlessApi": cashless_api,
            "display": display,
            "localApi": local_api,
            "offlineMode": offline_mode,
            "receipt": receipt,
            "tip": tip,
        })))


class AuditLogCalls(Resource):
    """`audit_log`"""

    def list(
        self,
        *, object_id: Optional[str] = None,
        limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.AuditEntry]:
        """List the audit log.

        object_id: Only what was done to this object.
        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older ones.
        ending_before: The first id of the page after: the page continues with newer ones.
        """
        return self._page(operations.AUDIT_LOG__LIST, options, Page[models.AuditEntry], models.AuditEntry, query={
            "objectId": object_id,
            "limit": limit,
            "starting_after": starting_after,
            "ending_before": ending_before,
        })

    def verify(
        self,
        **options: Unpack[CallOptions],
    ) -> models.AuditVerification:
        """Verify the audit log."""
        return made(models.AuditVerification, self._ask(operations.AUDIT_LOG__VERIFY, options))


class TestHelpersTerminalsCalls(Resource):
    """`test_helpers.terminals`"""

    def create(
        self,
        *, display_name: Union[str, None, NotGiven] = NOT_GIVEN,
        location_id: Union[str, None, NotGiven] = NOT_GIVEN,
        model: Union[Literal["nexgo_ct20", "nexgo_ct20p", "nexgo_n92", "nexgo_n86pro", "ciontek_cm30", "simulator"], None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.Terminal:
        """Make a simulated terminal.

        display_name: What people call it.
        location_id: Where it stands.
        model: The hardware model.
        """
        return made(models.Terminal, self._ask(operations.TEST_HELPERS__TERMINALS__CREATE, options, body={"displayName": display_name, "locationId": location_id, "model": model}))

    def delete(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.Deleted:
        """Delete a simulated terminal."""
        return made(models.Deleted, self._ask(operations.TEST_HELPERS__TERMINALS__DELETE, options, path=(id,)))

    def present_card(
        self,
        id: str,
        *, card: Optional[Literal["visa_approved", "card_declined", "insufficient_funds", "expired_card", "lost_or_stolen", "mastercard_approved", "amex_approved", "online_pin", "incorrect_pin", "pin_try_exceeded", "partial_approval", "issuer_silent", "issuer_late", "refund_declined", "offline_then_declined"]] = None,
        entry_mode: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> models.TerminalPayment:
        """Present a test card to a simulated terminal.

        entry_mode: How it is presented; the card's usual way when left out.
        """
        return made(models.TerminalPayment, self._ask(operations.TEST_HELPERS__TERMINALS__PRESENT_CARD, options, path=(id,), body={"card": NOT_GIVEN if card is None else card, "entryMode": NOT_GIVEN if entry_mode is None else entry_mode}))


class OperatorAccountsCalls(Resource):
    """`operator.accounts`"""

    def create(
        self,
        *, display_name: str,
        **options: Unpack[CallOptions],
    ) -> models.OperatedAccount:
        """Open an account.

        display_name: What people call it.
        """
        return made(models.OperatedAccount, self._ask(operations.OPERATOR__ACCOUNTS__CREATE, options, body={"displayName": display_name}))

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.OperatedAccount:
        """Retrieve an account."""
        return made(models.OperatedAccount, self._ask(operations.OPERATOR__ACCOUNTS__RETRIEVE, options, path=(id,)))

    def update(
        self,
        id: str,
        *, display_name: Union[str, None, NotGiven] = NOT_GIVEN,
        offline_cap: Union[UpdateOfflineCapParams, None, NotGiven] = NOT_GIVEN,
        suspended: Union[bool, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.OperatedAccount:
        """Update an account.

        display_name: What people call it.
        suspended: Stops it, or lets it go on.
        """
        return made(models.OperatedAccount, self._ask(operations.OPERATOR__ACCOUNTS__UPDATE, options, path=(id,), body={"displayName": display_name, "offlineCap": offline_cap, "suspended": suspended}))

    def list(
        self,
        *, limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.OperatedAccount]:
        """List accounts.

        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older ones.
        ending_before: The first id of the page after: the page continues with newer ones.
        """
        return self._page(operations.OPERATOR__ACCOUNTS__LIST, options, Page[models.OperatedAccount], models.OperatedAccount, query={"limit": limit, "starting_after": starting_after, "ending_before": ending_before})

    def create_api_key(
        self,
        id: str,
        *, livemode: bool,
        type: Literal["secret", "restricted"],
        name: Union[str, None, NotGiven] = NOT_GIVEN,
        scopes: Union[Sequence[str], None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.ApiKey:
        """Create an API key for an account.

        livemode: Whether the key opens live data, or test data.
        name: What people call it.
        scopes: What a restricted key may do, such as `payments:read`; at least one.
        """
        return made(models.ApiKey, self._ask(operations.OPERATOR__ACCOUNTS__CREATE_API_KEY, options, path=(id,), body={
            "livemode": livemode,
            "name": name,
            "scopes": scopes,
            "type": type,
        }))


class OperatorAuditLogCalls(Resource):
    """`operator.audit_log`"""

    def list(
        self,
        *, account: Optional[str] = None,
        livemode: Optional[bool] = None,
        object_id: Optional[str] = None,
        limit: Optional[int] = None,
        starting_after: Optional[str] = None,
        ending_before: Optional[str] = None,
        **options: Unpack[CallOptions],
    ) -> Page[models.AuditEntry]:
        """List an audit log.

        account: The log of this account; the platform's own when left out.
        livemode: The account's live log, or with `false` its test log; live when left out.
        object_id: Only what was done to this object.
        limit: How many to return; 10 when left out.
        starting_after: The last id of the page before: the page continues with older ones.
        ending_before: The first id of the page after: the page continues with newer ones.
        """
        return self._page(operations.OPERATOR__AUDIT_LOG__LIST, options, Page[models.AuditEntry], models.AuditEntry, query={
            "account": account,
            "livemode": livemode,
            "objectId": object_id,
            "limit": limit,
            "starting_after": starting_after,
            "ending_before": ending_before,
        })

    def verify(
        self,
        *, account: Optional[str] = None,
        livemode: Optional[bool] = None,
        **options: Unpack[CallOptions],
    ) -> models.AuditVerification:
        """Verify an audit log.

        account: The log of this account; the platform's own when left out.
        livemode: The account's live log, or with `false` its test log; live when left out.
        """
        return made(models.AuditVerification, self._ask(operations.OPERATOR__AUDIT_LOG__VERIFY, options, query={"account": account, "livemode": livemode}))


class OperatorReleasesCalls(Resource):
    """`operator.releases`"""

    def create(
        self,
        *, model: Literal["nexgo_ct20", "nexgo_ct20p", "nexgo_n92", "nexgo_n86pro", "ciontek_cm30", "simulator"],
        sha256: str,
        size: int,
        version: str,
        min_version: Union[str, None, NotGiven] = NOT_GIVEN,
        rollout_percent: Union[int, None, NotGiven] = NOT_GIVEN,
        url: Union[str, None, NotGiven] = NOT_GIVEN,
        valid_days: Union[int, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.Release:
        """Register a release.

        min_version: The oldest version that it may be installed over.
        model: The hardware model.
        rollout_percent: How many of a hundred terminals may install it; all when left out.
        sha256: SHA-256 of the image, 64 lower-case hexadecimal digits.
        size: Size of the image, in bytes.
        url: Where terminals find the image; `https` only.
        valid_days: For how many days it may be installed; 180 when left out.
        version: Its version: up to four numbers with dots.
        """
        return made(models.Release, self._ask(operations.OPERATOR__RELEASES__CREATE, options, body={
            "minVersion": min_version,
            "model": model,
            "rolloutPercent": rollout_percent,
            "sha256": sha256,
            "size": size,
            "url": url,
            "validDays": valid_days,
            "version": version,
        }))

    def retrieve(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> models.Release:
        """Retrieve a release."""
        return made(models.Release, self._ask(operations.OPERATOR__RELEASES__RETRIEVE, options, path=(id,)))

    def update(
        self,
        id: str,
        *, halted: Union[bool, None, NotGiven] = NOT_GIVEN,
        rollout_percent: Union[int, None, NotGiven] = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> models.Release:
        """Roll a release out further, or halt it.

        halted: Whether it is installed by no more terminals.
        rollout_percent: How many of a hundred terminals may install it.
        """
        return made(models.Release, self._ask(operations.OPERATOR__RELEASES__UPDATE, options, path=(id,), body={"halted": halted, "rolloutPercent": rollout_percent}))

    def list(
        self,
        **options: Unpack[CallOptions],
    ) -> Page[models.Release]:
        """List all releases."""
        return self._page(operations.OPERATOR__RELEASES__LIST, options, Page[models.Release], models.Release)


class OperatorCalls:
    """`operator`"""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        self.accounts = OperatorAccountsCalls(settings, transport)
        self.audit_log = OperatorAuditLogCalls(settings, transport)
        self.releases = OperatorReleasesCalls(settings, transport)


class TerminalCalls:
    """`terminal`"""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        self.payments = TerminalPaymentsCalls(settings, transport)
        self.readers = Readers(settings, transport)


class TestHelpersCalls:
    """`test_helpers`"""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        self.terminals = TestHelpersTerminalsCalls(settings, transport)


class Calls:
    """All calls, by namespace."""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        self.account = AccountCalls(settings, transport)
        self.api_keys = ApiKeysCalls(settings, transport)
        self.audit_log = AuditLogCalls(settings, transport)
        self.batches = BatchesCalls(settings, transport)
        self.certificates = CertificatesCalls(settings, transport)
        self.events = EventsCalls(settings, transport)
        self.locations = LocationsCalls(settings, transport)
        self.operator = OperatorCalls(settings, transport)
        self.refunds = RefundsCalls(settings, transport)
        self.terminal = TerminalCalls(settings, transport)
        self.terminal_actions = TerminalActionsCalls(settings, transport)
        self.terminal_models = TerminalModelsCalls(settings, transport)
        self.terminal_payments = LegacyTerminalPaymentsCalls(settings, transport)
        self.terminals = TerminalsCalls(settings, transport)
        self.test_helpers = TestHelpersCalls(settings, transport)
        self.webhook_endpoints = WebhookEndpointsCalls(settings, transport)

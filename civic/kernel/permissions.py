"""Every permission a member of staff can be granted: `area:thing:verb`, alphabetical.

A grant pairs one of these with a scope (everything, one office, one quartiere, one provider, or one single item).
"""

from enum import StrEnum


class Permission(StrEnum):
    """What a door or a permit can ask for; each value's meaning stands above it."""

    # Offices, providers, quartieri, services, holidays: add, change, close, reorganise.
    CITY_CATALOGUE_EDIT = "city:catalogue:edit"
    # The identity of the ente, footer links, mail texts, thresholds, election-silence windows.
    CITY_IDENTITY_EDIT = "city:identity:edit"
    # Messages sent through the site's own forms (accessibility, malfunction): read and answer.
    CITY_REPORT_ANSWER = "city:report:answer"
    # Open consultations, tell what came of them, keep the codebook of themes.
    CONTRIBUTIONS_CONSULTATION_EDIT = "contributions:consultation:edit"
    # Decide, as the second person, whether a text is hidden.
    CONTRIBUTIONS_HIDING_DECIDE = "contributions:hiding:decide"
    # Answer for an office: reply, decide the parts of a voice, pause its clock, promise an improvement.
    CONTRIBUTIONS_VOICE_ANSWER = "contributions:voice:answer"
    # Read every voice that comes in, give it a theme and an office.
    CONTRIBUTIONS_VOICE_TRIAGE = "contributions:voice:triage"
    # Read the whole register of what happened, names of staff included.
    JOURNAL_ENTRY_READ = "journal:entry:read"
    # Invite staff, disable accounts, give and take grants.
    PEOPLE_ACCOUNT_MANAGE = "people:account:manage"
    # Verify, refuse and close registrations of associations and bodies.
    PEOPLE_BODY_VERIFY = "people:body:verify"
    # Enter for citizens at a counter, by phone or from paper, in batches.
    PEOPLE_CITIZEN_ASSIST = "people:citizen:assist"
    # Answer those whom the residence check refused; import the signed list of residents.
    PEOPLE_RESIDENCE_DECIDE = "people:residence:decide"
    # Prepare a draft of an action: texts, figures, a proposed status.
    PLANNING_ACTION_DRAFT = "planning:action:draft"
    # Approve a draft, publish it, classify actions, add an assessment by a third party.
    PLANNING_ACTION_PUBLISH = "planning:action:publish"
    # Import programmes and plan sheets: preview, then apply.
    PLANNING_PLAN_IMPORT = "planning:plan:import"
    # Read the register of processing, the clocks of an incident and its evidence.
    PRIVACY_REGISTER_READ = "privacy:register:read"
    # Keep the list of who works where, as keys of identities.
    QUALITY_EMPLOYEE_EDIT = "quality:employee:edit"
    # For an office or a provider: points and tickets, contacts, standards, its own surveys.
    QUALITY_EVIDENCE_EDIT = "quality:evidence:edit"
    # Write down a rating that somebody gives at a counter or by telephone.
    QUALITY_RATING_ENTER = "quality:rating:enter"
    # Decide, as one of two people, whether an anomalous window counts.
    QUALITY_WINDOW_REVIEW = "quality:window:review"

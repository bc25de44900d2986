"""Looking into protected documents."""

from behave import then, when

from support.world.expectations import (
    expect_conforms,
    expect_contains,
    expect_different,
    expect_equal,
)
from support.world.manifests import (
    accounted_sizes,
    actual_sizes,
    expect_proven,
    expect_unreadable,
    expect_unrelated,
    form_version,
    manifest_schema,
    media_type,
    policy_ids,
    proven,
    statements,
)
from support.world.stepping import StepContext


@when("the manifest of the document is read")
def when_the_manifest_is_read(context: StepContext) -> None:
    """Take the document apart."""
    context.world.read.put((context.world.documents.current,))


@when("the manifests of both documents are read")
def when_both_manifests_are_read(context: StepContext) -> None:
    """Take the two documents apart."""
    context.world.read.put(tuple(context.world.documents.made))


@then("the manifest keeps every rule of the published form")
def then_the_manifest_is_well_formed(context: StepContext) -> None:
    """Check the manifest against schemas/manifest.schema.json."""
    manifest = context.world.read.value[0].container.manifest
    expect_conforms("The manifest", manifest, manifest_schema())


@then("its segments account for every byte of the content and of the payload")
def then_its_segments_account_for_every_byte(context: StepContext) -> None:
    """Add up the sizes of the segments."""
    document = context.world.read.value[0]
    expect_equal("The sizes of all segments", accounted_sizes(document), actual_sizes(document))


@then("the document's key opens all of it and proves every hash, signature and binding in it")
def then_the_key_proves_everything(context: StepContext) -> None:
    """Compute everything anew with the key, which the key service gives to the reader."""
    document = context.world.read.value[0]
    expect_proven(document, proven(document, context.world.kas, context.world.reader_token))


@then("no two policies have the same id")
def then_no_two_policies_have_the_same_id(context: StepContext) -> None:
    """Compare the ids by which audit records tell documents apart."""
    expect_different("The ids of the policies", policy_ids(context.world.read.value))


@then('the policy in it requires exactly "{labels}"')
def then_the_policy_requires(context: StepContext, labels: str) -> None:
    """Compare the attribute values in the policy, in any order."""
    required = sorted(context.world.read.value[0].container.required_attributes)
    expect_equal("The policy", required, sorted(context.world.labels.fqns(labels)))


@then('the manifest declares the type "{expected}"')
def then_the_manifest_declares_the_type(context: StepContext, expected: str) -> None:
    """Compare the declared media type."""
    expect_equal("The media type", media_type(context.world.read.value[0]), expected)


@then("the manifest has the form of the targeted version")
def then_the_manifest_has_the_targeted_form(context: StepContext) -> None:
    """Compare the container version, read from the form of the manifest."""
    version = form_version(context.world.documents.current)
    expect_equal("The form of the manifest", version, context.world.targeted("target_version"))


@then('the manifest carries the statement "{text}"')
def then_the_manifest_carries_the_statement(context: StepContext, text: str) -> None:
    """Look for a statement among those that the document carries."""
    found = statements(context.world.documents.current)
    expect_contains("The statements in the manifest", found, [text])


@then("the content stands nowhere in the document in the clear")
def then_the_content_is_unreadable(context: StepContext) -> None:
    """Search the document's bytes for its content."""
    expect_unreadable(context.world.read.value[0])


@then("the documents share neither ciphertext nor sealed key nor policy binding")
def then_the_documents_are_unrelated(context: StepContext) -> None:
    """Compare what must differ although the content is the same."""
    first, second = context.world.read.value
    expect_unrelated(first, second)

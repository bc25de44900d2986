"""What a platform tells everybody."""

from behave import then, when

from support.world.choices import expect_named_to_everybody
from support.world.expectations import expect_contains, expect_equal
from support.world.key_services import algorithm_name
from support.world.stepping import StepContext
from support.world.visitor import described_key


@when("somebody without a token reads the platform's configuration")
def when_somebody_reads_the_configuration(context: StepContext) -> None:
    """Read the well-known configuration."""
    context.world.visitor.read_configuration()


@when("somebody without a token reads the health at the address that the configuration names")
def when_somebody_reads_the_configured_health(context: StepContext) -> None:
    """Read the health where clients are told to."""
    context.world.visitor.read_health_where_configured()


@when('somebody without a token reads the health of "{service}"')
def when_somebody_reads_the_health(context: StepContext, service: str) -> None:
    """Read the health of one service, or of "all"."""
    context.world.visitor.read_health(service)


@when("somebody without a token asks for the public key of the algorithm")
def when_somebody_asks_for_the_key(context: StepContext) -> None:
    """Ask for the key of the algorithm that the variant names."""
    context.world.visitor.ask_for_key(algorithm_name(context.world.targeted("wrapping")))


@when("somebody without a token asks twice for the public key of the algorithm")
def when_somebody_asks_twice_for_the_key(context: StepContext) -> None:
    """Ask two times for the key of the algorithm that the variant names."""
    algorithm = algorithm_name(context.world.targeted("wrapping"))
    context.world.visitor.ask_twice_for_key(algorithm)


@when('somebody without a token asks for the public key of the algorithm "{algorithm}"')
def when_somebody_asks_for_a_key(context: StepContext, algorithm: str) -> None:
    """Ask for the key of an algorithm by the platform's own name."""
    context.world.visitor.ask_for_key(algorithm)


@when('a web page of "{origin}" asks whether it may call the key service')
def when_a_web_page_asks(context: StepContext, origin: str) -> None:
    """Send the question that browsers send before a page may call another site (CORS)."""
    context.world.visitor.ask_for_page(origin)


@then("asking for it by procedure call gives the same configuration")
def then_the_procedure_call_gives_the_same(context: StepContext) -> None:
    """Compare the well-known document with the answer of the procedure call."""
    visitor = context.world.visitor
    expected = dict(visitor.configuration.value.document)
    expect_equal("The configuration", dict(visitor.configuration_by_procedure_call), expected)


@then("the health is {status}")
def then_the_health_is(context: StepContext, status: str) -> None:
    """Compare the health status: SERVING or UNKNOWN."""
    expect_equal("The health", context.world.visitor.health.value, status)


@then("a public key of that algorithm is given, with its name")
def then_a_public_key_is_given(context: StepContext) -> None:
    """Read the algorithm from the key itself."""
    described = described_key(context.world.visitor.key.value)
    expected = algorithm_name(context.world.targeted("wrapping"))
    expect_equal("The algorithm of the key", described["algorithm"], expected)


@then("both times the same key is given")
def then_the_same_key_is_given(context: StepContext) -> None:
    """Compare two answers."""
    visitor = context.world.visitor
    expected = dict(visitor.earlier_key.value.required("give a public key"))
    expect_equal("The second answer", dict(visitor.key.value.body), expected)


@then("there is no such key")
def then_there_is_no_such_key(context: StepContext) -> None:
    """Expect that the key service does not know the algorithm."""
    expect_equal("The answer", context.world.visitor.key.value.code, "not_found")


@then("the page may call it, with a token and with JSON")
def then_the_page_may_call(context: StepContext) -> None:
    """Check what the answer allows: the origin, the method, and the headers that calls need."""
    answer = context.world.visitor.preflight.value
    allowed = {answer.allowed_origin, *answer.allowed_methods, *answer.allowed_headers}
    needed = [answer.asked_origin, "post", "authorization", "content-type"]
    expect_contains("What the page may do", allowed, needed)


@then("it names {what}")
def then_it_names(context: StepContext, what: str) -> None:
    """Compare an address in the configuration with that of this stack."""
    expect_named_to_everybody(context.world, what)

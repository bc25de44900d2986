"""What people read after a run: summary, Cucumber Messages, Allure."""

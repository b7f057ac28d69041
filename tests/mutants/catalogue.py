"""Every planted fault."""

from tests.mutants.faults_of_documents import IN_DOCUMENTS
from tests.mutants.faults_of_services import IN_SERVICES
from tests.mutants.faults_of_stock import IN_STOCK

MUTANTS = (*IN_STOCK, *IN_DOCUMENTS, *IN_SERVICES)
